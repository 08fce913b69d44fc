package aim

// #include "capi.h"
import "C"

import "github.com/libaim/libaim/bindings/go/internal/value"

// parse reads JSON of the library.
func parse(json string) (any, error) {
	v, err := value.Parse(json)
	if err != nil {
		return nil, failed(ErrCorrupt, err, "%v", err)
	}
	return v, nil
}

// scan reads JSON of the library into what a pointer points to.
func scan(json string, into any) error {
	v, err := parse(json)
	if err != nil {
		return err
	}
	if err := value.Assign(v, into); err != nil {
		code := ErrType
		if err == value.ErrTarget {
			code = ErrInvalidArgument
		}
		return failed(code, err, "%v", err)
	}
	return nil
}

// encode turns a Go value into JSON for the library, with a NUL behind it.
func encode(what string, v any) (*C.char, error) {
	json, err := value.Encode(v)
	if err != nil {
		return nil, failed(ErrInvalidArgument, err, "%s: %v", what, err)
	}
	return cText(what, string(json))
}
