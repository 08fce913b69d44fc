package aim

// #include "capi.h"
import "C"

import (
	"math"
	"runtime"
	"unsafe"
)

// SetParam sets a param: nil, a bool, a number, text, []byte, or slices, maps and structs of them. key is a top-level
// key, whatever dots or slashes it holds inside, or, with a leading '/', a JSON Pointer (RFC 6901) into the tree: missing
// objects on the way are made, an array takes an index or '-' to append. A value that is there is replaced with all below
// it.
//
// Structs follow the tags of encoding/json, and what implements [json.Marshaler] or [encoding.TextMarshaler] is stored as
// it says. Unlike in encoding/json, NaN and infinities are numbers, a float64 stays one if it is whole, and []byte is
// bytes.
func (r *Run) SetParam(key string, v any) error {
	defer runtime.KeepAlive(r)
	k, err := cText("key", key)
	if err != nil {
		return err
	}
	var e *C.aim_error
	switch v := v.(type) {
	case nil:
		return check(C.aim_run_set_param_null(r.pointer, k, &e), e)
	case bool:
		return check(C.aim_run_set_param_bool(r.pointer, k, C.bool(v), &e), e)
	case int:
		return check(C.aim_run_set_param_int64(r.pointer, k, C.int64_t(v), &e), e)
	case int64:
		return check(C.aim_run_set_param_int64(r.pointer, k, C.int64_t(v), &e), e)
	case float64:
		return check(C.aim_run_set_param_double(r.pointer, k, C.double(v), &e), e)
	case []byte:
		data := (*C.uint8_t)(unsafe.SliceData(v))
		return check(C.aim_run_set_param_bytes(r.pointer, k, data, C.size_t(len(v)), &e), e)
	case string:
		// The typed call cannot take a NUL, JSON can.
		if text, err := cText("value", v); err == nil {
			return check(C.aim_run_set_param_string(r.pointer, k, text, &e), e)
		}
	}
	json, err := encode("param "+key, v)
	if err != nil {
		return err
	}
	return check(C.aim_run_set_param(r.pointer, k, json, &e), e)
}

// DeleteParam deletes a param with all below it. Where there is none it answers [ErrNotFound].
func (r *Run) DeleteParam(key string) error {
	defer runtime.KeepAlive(r)
	k, err := cText("key", key)
	if err != nil {
		return err
	}
	var e *C.aim_error
	return check(C.aim_run_delete_param(r.pointer, k, &e), e)
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
	json, err := r.paramJSON(nil)
	if err != nil {
		return nil, err
	}
	var params map[string]any
	err = scan(json, &params)
	return params, err
}

// ScanParam reads a param into what the pointer into points to, like [json.Unmarshal], except that NaN and infinities go
// into floats, bytes into a []byte, and an int64 stays exact in an interface. What does not fit answers [ErrType].
func (r *Run) ScanParam(key string, into any) error {
	json, err := r.paramJSON(&key)
	if err != nil {
		return err
	}
	return scan(json, into)
}

// ParamBytes reads a param of bytes. One of another type answers [ErrType].
func (r *Run) ParamBytes(key string) ([]byte, error) {
	defer runtime.KeepAlive(r)
	k, err := cText("key", key)
	if err != nil {
		return nil, err
	}
	var data *C.uint8_t
	var size C.size_t
	var e *C.aim_error
	if err := check(C.aim_run_get_param_bytes(r.pointer, k, &data, &size, &e), e); err != nil {
		return nil, err
	}
	defer C.aim_bytes_free(data, size)
	return append([]byte{}, cSlice[byte](unsafe.Pointer(data), size)...), nil
}

// paramJSON reads a param, or all without a key.
func (r *Run) paramJSON(key *string) (string, error) {
	defer runtime.KeepAlive(r)
	var k *C.char
	if key != nil {
		var err error
		if k, err = cText("key", *key); err != nil {
			return "", err
		}
	}
	var json *C.char
	var e *C.aim_error
	err := check(C.aim_run_get_param(r.pointer, k, &json, &e), e)
	return takeText(json), err
}

// cSlice views an array of C.
func cSlice[T any](first unsafe.Pointer, length C.size_t) []T {
	if length == 0 || uint64(length) > math.MaxInt {
		return nil
	}
	return unsafe.Slice((*T)(first), int(length))
}
