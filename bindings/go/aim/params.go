package aim

// #include "capi.h"
import "C"

import (
	"math"
	"unsafe"
)

// SetParam sets a param: nil, a bool, a number, text, []byte, or slices, maps and structs of them. key is a top-level
// key, whatever dots or slashes it holds inside, or, with a leading '/', a JSON Pointer (RFC 6901) into the tree:
// missing objects on the way are made, an array takes an index or '-' to append. A value that is there is replaced
// with all below it.
//
// Structs follow the tags of encoding/json, and what implements [json.Marshaler] or [encoding.TextMarshaler] is stored
// as it says. Unlike in encoding/json, NaN and infinities are numbers, a float64 stays one if it is whole, and []byte
// is bytes.
func (r *Run) SetParam(key string, v any) error {
	set, err := setter(key, v)
	if err != nil {
		return err
	}
	return r.useText("key", key, set)
}

// setter returns the call that stores a value best.
func setter(key string, v any) (func(*C.aim_run, *C.char, **C.aim_error) C.aim_status, error) {
	switch v := v.(type) {
	case nil:
		return func(run *C.aim_run, key *C.char, e **C.aim_error) C.aim_status {
			return C.aim_run_set_param_null(run, key, e)
		}, nil
	case bool:
		return func(run *C.aim_run, key *C.char, e **C.aim_error) C.aim_status {
			return C.aim_run_set_param_bool(run, key, C.bool(v), e)
		}, nil
	case int:
		return setter(key, int64(v))
	case int64:
		return func(run *C.aim_run, key *C.char, e **C.aim_error) C.aim_status {
			return C.aim_run_set_param_int64(run, key, C.int64_t(v), e)
		}, nil
	case float64:
		return func(run *C.aim_run, key *C.char, e **C.aim_error) C.aim_status {
			return C.aim_run_set_param_double(run, key, C.double(v), e)
		}, nil
	case []byte:
		if v == nil {
			return setter(key, nil)
		}
		return func(run *C.aim_run, key *C.char, e **C.aim_error) C.aim_status {
			return C.aim_run_set_param_bytes(run, key, (*C.uint8_t)(unsafe.SliceData(v)), C.size_t(len(v)), e)
		}, nil
	case string:
		text, err := cText("value", v)
		if err != nil {
			break // in JSON it may have a NUL
		}
		return func(run *C.aim_run, key *C.char, e **C.aim_error) C.aim_status {
			return C.aim_run_set_param_string(run, key, text, e)
		}, nil
	}
	json, err := encode("param "+key, v)
	if err != nil {
		return nil, err
	}
	return func(run *C.aim_run, key *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_set_param(run, key, json, e)
	}, nil
}

// DeleteParam deletes a param with all below it. Where there is none it answers [ErrNotFound].
func (r *Run) DeleteParam(key string) error {
	return r.useText("key", key, func(run *C.aim_run, key *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_delete_param(run, key, e)
	})
}

// Param reads a param back: nil, bool, int64 (a [*big.Int] where that is too small), float64, string, []byte, []any or
// map[string]any. key is as for [Run.SetParam]. Where there is none it answers [ErrNotFound].
func (r *Run) Param(key string) (any, error) {
	json, err := r.paramJSON(&key)
	if err != nil {
		return nil, err
	}
	return parse(json)
}

// Params reads all params back, as [Run.Param] does.
func (r *Run) Params() (map[string]any, error) {
	return allParams(r.paramJSON(nil))
}

// allParams reads what a call for all params gave.
func allParams(json string, err error) (map[string]any, error) {
	if err != nil {
		return nil, err
	}
	var params map[string]any
	err = scan(json, &params)
	return params, err
}

// ScanParam reads a param into what the pointer into points to, like [json.Unmarshal], except that NaN and infinities
// go into floats, bytes into a []byte, and an int64 stays exact in an interface. What does not fit answers [ErrType].
func (r *Run) ScanParam(key string, into any) error {
	json, err := r.paramJSON(&key)
	if err != nil {
		return err
	}
	return scan(json, into)
}

// ParamBytes reads a param of bytes. One of another type answers [ErrType].
func (r *Run) ParamBytes(key string) ([]byte, error) {
	var data *C.uint8_t
	var size C.size_t
	err := r.useText("key", key, func(run *C.aim_run, key *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_get_param_bytes(run, key, &data, &size, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.aim_bytes_free(data, size)
	return append([]byte{}, cSlice[byte](unsafe.Pointer(data), size)...), nil
}

// paramJSON reads a param, or all without a key.
func (r *Run) paramJSON(key *string) (string, error) {
	k, err := optionalKey(key)
	if err != nil {
		return "", err
	}
	return r.text(func(run *C.aim_run, json **C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_get_param_json(run, k, C.AIM_JSON_WORDS, json, e)
	})
}

func optionalKey(key *string) (*C.char, error) {
	if key == nil {
		return nil, nil
	}
	return cText("key", *key)
}

// cSlice views an array of C.
func cSlice[T any](first unsafe.Pointer, length C.size_t) []T {
	if length == 0 || uint64(length) > math.MaxInt {
		return nil
	}
	return unsafe.Slice((*T)(first), int(length))
}
