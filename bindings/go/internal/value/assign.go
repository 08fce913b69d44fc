package value

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
)

// ErrTarget says that what is to receive a value is no pointer.
var ErrTarget = errors.New("the target must be a pointer that is not nil")

// A MismatchError says that a value is not of the type that is to receive it.
type MismatchError struct {
	Path  string // where in the value, as a JSON Pointer
	Value string // as JSON, cut short
	Type  reflect.Type
	Why   string
}

func (e *MismatchError) Error() string {
	message := fmt.Sprintf("%s does not fit into a Go %s", e.Value, e.Type)
	if e.Path != "" {
		message = e.Path + ": " + message
	}
	if e.Why != "" {
		message += ": " + e.Why
	}
	return message
}

// Assign stores v, a value from Parse, in what the pointer into points to. It does what json.Unmarshal would do, except
// that an int64 stays exact in an interface, NaN and infinities go into floats, and bytes into a []byte. Null leaves
// what cannot be nil as it is.
func Assign(v, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return ErrTarget
	}
	return assign(v, target.Elem(), "")
}

func assign(v any, to reflect.Value, path string) error {
	if v == nil {
		switch to.Kind() {
		case reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
			to.SetZero()
		}
		return nil
	}
	if to.Kind() == reflect.Pointer {
		if to.IsNil() {
			to.Set(reflect.New(to.Type().Elem()))
		}
		return assign(v, to.Elem(), path)
	}
	if done, err := assignSpecial(v, to, path); done {
		return err
	}
	if to.Kind() == reflect.Interface {
		if to.NumMethod() > 0 {
			return mismatch(v, to, path, "")
		}
		to.Set(reflect.ValueOf(v))
		return nil
	}
	switch v := v.(type) {
	case bool:
		if to.Kind() == reflect.Bool {
			to.SetBool(v)
			return nil
		}
	case string:
		if to.Kind() == reflect.String {
			to.SetString(v)
			return nil
		}
	case []byte:
		if to.Kind() == reflect.Slice && to.Type().Elem().Kind() == reflect.Uint8 {
			to.SetBytes(v)
			return nil
		}
	case int64:
		return assignInt(v, to, path)
	case *big.Int:
		return assignBig(v, to, path)
	case float64:
		if to.CanFloat() {
			if to.OverflowFloat(v) {
				return mismatch(v, to, path, "out of range")
			}
			to.SetFloat(v)
			return nil
		}
	case []any:
		return assignList(v, to, path)
	case map[string]any:
		return assignObject(v, to, path)
	}
	return mismatch(v, to, path, "")
}

// assignSpecial serves types that read JSON or text themselves, and those of encoding/json and math/big.
func assignSpecial(v any, to reflect.Value, path string) (done bool, err error) {
	why := func(err error) error {
		if err == nil {
			return nil
		}
		return mismatch(v, to, path, err.Error())
	}
	switch target := to.Addr().Interface().(type) {
	case *big.Int:
		switch v := v.(type) {
		case int64:
			target.SetInt64(v)
			return true, nil
		case *big.Int:
			target.Set(v)
			return true, nil
		}
		return true, mismatch(v, to, path, "")
	case *json.Number:
		switch v.(type) {
		case int64, *big.Int, float64:
			*target = json.Number(text(v))
			return true, nil
		}
		return true, mismatch(v, to, path, "")
	case json.Unmarshaler:
		return true, why(target.UnmarshalJSON([]byte(text(v))))
	case encoding.TextUnmarshaler:
		if s, ok := v.(string); ok {
			return true, why(target.UnmarshalText([]byte(s)))
		}
	}
	return false, nil
}

func assignInt(v int64, to reflect.Value, path string) error {
	switch {
	case to.CanInt() && !to.OverflowInt(v):
		to.SetInt(v)
	case to.CanUint() && v >= 0 && !to.OverflowUint(uint64(v)):
		to.SetUint(uint64(v))
	case to.CanFloat():
		to.SetFloat(float64(v))
	case to.CanInt(), to.CanUint():
		return mismatch(v, to, path, "out of range")
	default:
		return mismatch(v, to, path, "")
	}
	return nil
}

func assignBig(v *big.Int, to reflect.Value, path string) error {
	switch {
	case to.CanUint() && v.IsUint64() && !to.OverflowUint(v.Uint64()):
		to.SetUint(v.Uint64())
	case to.CanFloat():
		f, _ := new(big.Float).SetInt(v).Float64()
		to.SetFloat(f)
	case to.CanInt(), to.CanUint():
		return mismatch(v, to, path, "out of range")
	default:
		return mismatch(v, to, path, "")
	}
	return nil
}

func assignList(list []any, to reflect.Value, path string) error {
	switch to.Kind() {
	case reflect.Slice:
		to.Set(reflect.MakeSlice(to.Type(), len(list), len(list)))
	case reflect.Array:
		if len(list) != to.Len() {
			return mismatch(list, to, path, fmt.Sprintf("it has %d items", len(list)))
		}
	default:
		return mismatch(list, to, path, "")
	}
	for i, item := range list {
		if err := assign(item, to.Index(i), path+"/"+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return nil
}

func assignObject(object map[string]any, to reflect.Value, path string) error {
	switch to.Kind() {
	case reflect.Struct:
		for key, item := range object {
			target := fieldOf(to, key)
			if !target.IsValid() {
				continue
			}
			if !target.CanSet() {
				return mismatch(item, target, path+"/"+escape(key), "a nil pointer of an unexported type embeds it")
			}
			if err := assign(item, target, path+"/"+escape(key)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Map:
		if to.IsNil() {
			to.Set(reflect.MakeMapWithSize(to.Type(), len(object)))
		}
		for key, item := range object {
			k := reflect.New(to.Type().Key()).Elem()
			if err := assignKey(key, k, path); err != nil {
				return err
			}
			v := reflect.New(to.Type().Elem()).Elem()
			if err := assign(item, v, path+"/"+escape(key)); err != nil {
				return err
			}
			to.SetMapIndex(k, v)
		}
		return nil
	}
	return mismatch(object, to, path, "")
}

func assignKey(key string, to reflect.Value, path string) error {
	if to.Kind() == reflect.String {
		to.SetString(key)
		return nil
	}
	if target, ok := to.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := target.UnmarshalText([]byte(key)); err != nil {
			return mismatch(key, to, path, err.Error())
		}
		return nil
	}
	if number, err := strconv.ParseInt(key, 10, 64); err == nil && (to.CanInt() || to.CanUint()) {
		return assignInt(number, to, path)
	}
	return mismatch(key, to, path, "as a key")
}

// fieldOf finds the field of a struct by its exact name, else in any case, and makes embedded structs on the way to it.
// What it returns cannot be set where one cannot be made.
func fieldOf(to reflect.Value, key string) reflect.Value {
	var found *field
	fields := fieldsOf(to.Type())
	for i := range fields {
		if fields[i].name == key {
			found = &fields[i]
			break
		}
		if found == nil && strings.EqualFold(fields[i].name, key) {
			found = &fields[i]
		}
	}
	if found == nil {
		return reflect.Value{}
	}
	for i, step := range found.index {
		if i > 0 && to.Kind() == reflect.Pointer {
			if to.IsNil() {
				if !to.CanSet() {
					return to
				}
				to.Set(reflect.New(to.Type().Elem()))
			}
			to = to.Elem()
		}
		to = to.Field(step)
	}
	return to
}

func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// text is v as JSON.
func text(v any) string {
	encoded, err := Encode(v)
	if err != nil {
		return err.Error()
	}
	return string(encoded)
}

func mismatch(v any, to reflect.Value, path, why string) error {
	shown := text(v)
	if len(shown) > 60 {
		shown = strings.ToValidUTF8(shown[:57], "") + "..."
	}
	return &MismatchError{path, shown, to.Type(), why}
}
