package aim

// #include "capi.h"
import "C"

import (
	"runtime"

	"github.com/libaim/libaim/bindings/go/internal/value"
)

// SetName names the run for people. A run without a name is called "Run: " and its hash.
func (r *Run) SetName(name string) error {
	defer runtime.KeepAlive(r)
	text, err := cText("name", name)
	if err != nil {
		return err
	}
	var e *C.aim_error
	return check(C.aim_run_set_name(r.pointer, text, &e), e)
}

// SetDescription describes the run for people.
func (r *Run) SetDescription(description string) error {
	defer runtime.KeepAlive(r)
	text, err := cText("description", description)
	if err != nil {
		return err
	}
	var e *C.aim_error
	return check(C.aim_run_set_description(r.pointer, text, &e), e)
}

// SetExperiment moves the run to another experiment.
func (r *Run) SetExperiment(experiment string) error {
	defer runtime.KeepAlive(r)
	text, err := cText("experiment", experiment)
	if err != nil {
		return err
	}
	var e *C.aim_error
	return check(C.aim_run_set_experiment(r.pointer, text, &e), e)
}

// AddTag adds a tag; nothing happens if the run has it.
func (r *Run) AddTag(tag string) error {
	defer runtime.KeepAlive(r)
	text, err := cText("tag", tag)
	if err != nil {
		return err
	}
	var e *C.aim_error
	return check(C.aim_run_add_tag(r.pointer, text, &e), e)
}

// RemoveTag removes a tag; nothing happens if the run does not have it.
func (r *Run) RemoveTag(tag string) error {
	defer runtime.KeepAlive(r)
	text, err := cText("tag", tag)
	if err != nil {
		return err
	}
	var e *C.aim_error
	return check(C.aim_run_remove_tag(r.pointer, text, &e), e)
}

// SetArchived archives the run or brings it back: queries leave archived runs out unless they mention run.archived.
func (r *Run) SetArchived(archived bool) error {
	defer runtime.KeepAlive(r)
	var e *C.aim_error
	return check(C.aim_run_set_archived(r.pointer, C.bool(archived), &e), e)
}

// Name returns the run's name. Like all that reads a run, it flushes first.
func (r *Run) Name() (string, error) {
	defer runtime.KeepAlive(r)
	var text *C.char
	var e *C.aim_error
	err := check(C.aim_run_get_name(r.pointer, &text, &e), e)
	return takeText(text), err
}

// Description returns the run's description, "" until one is set.
func (r *Run) Description() (string, error) {
	defer runtime.KeepAlive(r)
	var text *C.char
	var e *C.aim_error
	err := check(C.aim_run_get_description(r.pointer, &text, &e), e)
	return takeText(text), err
}

// Experiment returns the name of the run's experiment.
func (r *Run) Experiment() (string, error) {
	defer runtime.KeepAlive(r)
	var text *C.char
	var e *C.aim_error
	err := check(C.aim_run_get_experiment(r.pointer, &text, &e), e)
	return takeText(text), err
}

// Tags returns the run's tags in the order of adding.
func (r *Run) Tags() ([]string, error) {
	defer runtime.KeepAlive(r)
	var text *C.char
	var e *C.aim_error
	if err := check(C.aim_run_get_tags(r.pointer, &text, &e), e); err != nil {
		return nil, err
	}
	var tags []string
	err := scan(takeText(text), &tags)
	return tags, err
}

// Archived tells whether the run is archived.
func (r *Run) Archived() (bool, error) {
	defer runtime.KeepAlive(r)
	var archived C.bool
	var e *C.aim_error
	err := check(C.aim_run_get_archived(r.pointer, &archived, &e), e)
	return bool(archived), err
}

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
