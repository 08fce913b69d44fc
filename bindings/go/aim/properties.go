package aim

// #include "capi.h"
import "C"

// SetName names the run for people. A run without a name is called "Run: " and its hash.
func (r *Run) SetName(name string) error {
	return r.useText("name", name, func(run *C.aim_run, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_set_name(run, text, e)
	})
}

// SetDescription describes the run for people.
func (r *Run) SetDescription(description string) error {
	return r.useText("description", description, func(run *C.aim_run, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_set_description(run, text, e)
	})
}

// SetExperiment moves the run to another experiment.
func (r *Run) SetExperiment(experiment string) error {
	return r.useText("experiment", experiment, func(run *C.aim_run, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_set_experiment(run, text, e)
	})
}

// AddTag adds a tag; nothing happens if the run has it.
func (r *Run) AddTag(tag string) error {
	return r.useText("tag", tag, func(run *C.aim_run, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_add_tag(run, text, e)
	})
}

// RemoveTag removes a tag; nothing happens if the run does not have it.
func (r *Run) RemoveTag(tag string) error {
	return r.useText("tag", tag, func(run *C.aim_run, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_remove_tag(run, text, e)
	})
}

// SetArchived archives the run or brings it back: queries leave archived runs out unless they mention run.archived.
func (r *Run) SetArchived(archived bool) error {
	return r.use(func(run *C.aim_run, e **C.aim_error) C.aim_status {
		return C.aim_run_set_archived(run, C.bool(archived), e)
	})
}

// Name returns the run's name. Like all that reads a run, it flushes first.
func (r *Run) Name() (string, error) {
	return r.text(func(run *C.aim_run, text **C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_get_name(run, text, e)
	})
}

// Description returns the run's description, "" until one is set.
func (r *Run) Description() (string, error) {
	return r.text(func(run *C.aim_run, text **C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_get_description(run, text, e)
	})
}

// Experiment returns the name of the run's experiment.
func (r *Run) Experiment() (string, error) {
	return r.text(func(run *C.aim_run, text **C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_get_experiment(run, text, e)
	})
}

// Tags returns the run's tags in the order of adding.
func (r *Run) Tags() ([]string, error) {
	json, err := r.text(func(run *C.aim_run, text **C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_get_tags(run, text, e)
	})
	if err != nil {
		return nil, err
	}
	var tags []string
	err = scan(json, &tags)
	return tags, err
}

// Archived tells whether the run is archived.
func (r *Run) Archived() (bool, error) {
	var archived C.bool
	err := r.use(func(run *C.aim_run, e **C.aim_error) C.aim_status {
		return C.aim_run_get_archived(run, &archived, e)
	})
	return bool(archived), err
}
