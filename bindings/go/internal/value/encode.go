// Package value turns Go values into the JSON of the C API and back. NaN and infinities are numbers there, integers
// have any size and stay apart from floating-point numbers, and bytes are {"__bytes__": "<base64>"}. Structs follow
// the tags of encoding/json.
package value

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth is beyond what the library takes; it ends the encoding of values that contain themselves.
const maxDepth = 1000

const bytesKey = "__bytes__"

var (
	marshaler     = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	bigInt        = reflect.TypeFor[big.Int]()
	number        = reflect.TypeFor[json.Number]()
)

// Encode returns v as JSON, with the keys of maps in order.
func Encode(v any) ([]byte, error) {
	return appendValue(nil, reflect.ValueOf(v), 0)
}

func appendValue(to []byte, v reflect.Value, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	if !v.IsValid() {
		return append(to, "null"...), nil
	}
	if encoded, done, err := appendMarshaler(to, v); done {
		return encoded, err
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(to, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(to, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(to, v.Uint(), 10), nil
	case reflect.Float32:
		return appendFloat(to, v.Float(), 32), nil
	case reflect.Float64:
		return appendFloat(to, v.Float(), 64), nil
	case reflect.String:
		return appendString(to, v.String())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return append(to, "null"...), nil
		}
		return appendValue(to, v.Elem(), depth+1)
	case reflect.Slice:
		if v.IsNil() {
			return append(to, "null"...), nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return appendBytes(to, v.Bytes()), nil
		}
		return appendList(to, v, depth)
	case reflect.Array:
		return appendList(to, v, depth)
	case reflect.Map:
		if v.IsNil() {
			return append(to, "null"...), nil
		}
		return appendMap(to, v, depth)
	case reflect.Struct:
		return appendStruct(to, v, depth)
	}
	return nil, fmt.Errorf("a value of type %s cannot be stored", v.Type())
}

// appendMarshaler lets values that know their own JSON or text say it.
func appendMarshaler(to []byte, v reflect.Value) (encoded []byte, done bool, err error) {
	t := v.Type()
	if (t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface) && v.IsNil() {
		return nil, false, nil
	}
	if t == bigInt && !v.CanAddr() {
		copied := reflect.New(t).Elem()
		copied.Set(v)
		v = copied
	}
	if t == number {
		text := v.String()
		if text == "" {
			text = "0"
		}
		return append(to, text...), true, nil
	}
	if v.CanAddr() && t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(marshaler) ||
		v.CanAddr() && t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(textMarshaler) {
		v, t = v.Addr(), reflect.PointerTo(t)
	}
	if t.Kind() == reflect.Interface {
		return nil, false, nil
	}
	if t.Implements(marshaler) {
		text, err := v.Interface().(json.Marshaler).MarshalJSON()
		if err != nil {
			return nil, true, fmt.Errorf("%s: %w", t, err)
		}
		return append(to, text...), true, nil
	}
	if t.Implements(textMarshaler) {
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return nil, true, fmt.Errorf("%s: %w", t, err)
		}
		encoded, err := appendString(to, string(text))
		return encoded, true, err
	}
	return nil, false, nil
}

// appendFloat writes the shortest digits that read back as f, with a point or an exponent: it stays a float.
func appendFloat(to []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(to, "NaN"...)
	case math.IsInf(f, 1):
		return append(to, "Infinity"...)
	case math.IsInf(f, -1):
		return append(to, "-Infinity"...)
	}
	from := len(to)
	to = strconv.AppendFloat(to, f, 'g', -1, bits)
	if !slices.ContainsFunc(to[from:], func(c byte) bool { return c == '.' || c == 'e' }) {
		to = append(to, ".0"...)
	}
	return to
}

func appendString(to []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("text must be UTF-8: %q", s)
	}
	to = append(to, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			to = append(to, '\\', c)
		case c < ' ':
			to = fmt.Appendf(to, `\u%04x`, c)
		default:
			to = append(to, c)
		}
	}
	return append(to, '"'), nil
}

func appendBytes(to, bytes []byte) []byte {
	to = append(to, `{"`+bytesKey+`":"`...)
	to = base64.StdEncoding.AppendEncode(to, bytes)
	return append(to, `"}`...)
}

func appendList(to []byte, v reflect.Value, depth int) (_ []byte, err error) {
	to = append(to, '[')
	for i := range v.Len() {
		if i > 0 {
			to = append(to, ',')
		}
		if to, err = appendValue(to, v.Index(i), depth+1); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return append(to, ']'), nil
}

func appendMap(to []byte, v reflect.Value, depth int) (_ []byte, err error) {
	type entry struct {
		key   string
		value reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	for each := v.MapRange(); each.Next(); {
		key, err := keyText(each.Key())
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{key, each.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	to = append(to, '{')
	for i, e := range entries {
		if i > 0 && e.key == entries[i-1].key {
			return nil, fmt.Errorf("two keys of one map are both %q as text", e.key)
		}
		if to, err = appendMember(to, e.key, e.value, depth); err != nil {
			return nil, err
		}
	}
	return append(to, '}'), nil
}

func keyText(key reflect.Value) (string, error) {
	if key.Kind() == reflect.String {
		return key.String(), nil
	}
	if key.Type().Implements(textMarshaler) {
		text, err := key.Interface().(encoding.TextMarshaler).MarshalText()
		return string(text), err
	}
	switch {
	case key.CanInt():
		return strconv.FormatInt(key.Int(), 10), nil
	case key.CanUint():
		return strconv.FormatUint(key.Uint(), 10), nil
	}
	return "", fmt.Errorf("a key of type %s is neither text nor an integer", key.Type())
}

func appendStruct(to []byte, v reflect.Value, depth int) (_ []byte, err error) {
	to = append(to, '{')
	for _, f := range fieldsOf(v.Type()) {
		value, err := v.FieldByIndexErr(f.index)
		if err != nil || f.omitEmpty && isEmpty(value) || f.omitZero && isZero(value) {
			continue // FieldByIndexErr fails where an embedded pointer is nil
		}
		if to, err = appendMember(to, f.name, value, depth); err != nil {
			return nil, err
		}
	}
	return append(to, '}'), nil
}

func appendMember(to []byte, key string, v reflect.Value, depth int) (_ []byte, err error) {
	if to[len(to)-1] != '{' {
		to = append(to, ',')
	}
	if to, err = appendString(to, key); err != nil {
		return nil, err
	}
	if to, err = appendValue(append(to, ':'), v, depth+1); err != nil {
		return nil, fmt.Errorf("%q: %w", key, err)
	}
	return to, nil
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func isZero(v reflect.Value) bool {
	if zeroer, ok := v.Interface().(interface{ IsZero() bool }); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		return zeroer.IsZero()
	}
	return v.IsZero()
}
