package aim

// #include "capi.h"
import "C"

import (
	"encoding/json"
	"runtime"
	"time"
)

// An Edit is a change of stored runs, which are not opened for it: their status and their times stay as they are.
type Edit func(edit *C.aim_edit) error

func editText(what, text string, call func(*C.aim_edit, *C.char, **C.aim_error) C.aim_status) Edit {
	return func(edit *C.aim_edit) error {
		c, err := cText(what, text)
		if err != nil {
			return err
		}
		var e *C.aim_error
		return check(call(edit, c, &e), e)
	}
}

// EditName renames the runs.
func EditName(name string) Edit {
	return editText("name", name, func(edit *C.aim_edit, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_edit_set_name(edit, text, e)
	})
}

// EditDescription describes the runs.
func EditDescription(description string) Edit {
	return editText("description", description, func(edit *C.aim_edit, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_edit_set_description(edit, text, e)
	})
}

// EditExperiment moves the runs to another experiment.
func EditExperiment(experiment string) Edit {
	return editText("experiment", experiment, func(edit *C.aim_edit, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_edit_set_experiment(edit, text, e)
	})
}

// EditAddTag adds a tag.
func EditAddTag(tag string) Edit {
	return editText("tag", tag, func(edit *C.aim_edit, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_edit_add_tag(edit, text, e)
	})
}

// EditRemoveTag removes a tag.
func EditRemoveTag(tag string) Edit {
	return editText("tag", tag, func(edit *C.aim_edit, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_edit_remove_tag(edit, text, e)
	})
}

// EditArchived archives the runs or brings them back.
func EditArchived(archived bool) Edit {
	return func(edit *C.aim_edit) error {
		var e *C.aim_error
		return check(C.aim_edit_set_archived(edit, C.bool(archived), &e), e)
	}
}

// EditParam sets a param; key is a top-level key or a JSON Pointer.
func EditParam(key string, value any) Edit {
	return func(edit *C.aim_edit) error {
		json, err := encode("value", value)
		if err != nil {
			return err
		}
		return editText("key", key, func(edit *C.aim_edit, text *C.char, e **C.aim_error) C.aim_status {
			return C.aim_edit_set_param(edit, text, json, e)
		})(edit)
	}
}

// EditDeleteParam deletes a param with all below it.
func EditDeleteParam(key string) Edit {
	return editText("key", key, func(edit *C.aim_edit, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_edit_delete_param(edit, text, e)
	})
}

// EditAddNote adds a note.
func EditAddNote(text string) Edit {
	return editText("text", text, func(edit *C.aim_edit, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_edit_add_note(edit, text, e)
	})
}

// EditNote replaces the text of the note with that number; the one before stays in its history.
func EditNote(number int, text string) Edit {
	return editText("text", text, func(edit *C.aim_edit, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_edit_set_note(edit, C.int32_t(number), text, e)
	})
}

// EditDeleteNote deletes the note with that number.
func EditDeleteNote(number int) Edit {
	return func(edit *C.aim_edit) error {
		var e *C.aim_error
		return check(C.aim_edit_delete_note(edit, C.int32_t(number), &e), e)
	}
}

// EditDropMetric deletes a metric with all its points: of that context, or, if it is nil, in every one. The context of a
// metric without one is Context{}.
func EditDropMetric(name string, context Context) Edit {
	return func(edit *C.aim_edit) error {
		var json *C.char
		if context != nil {
			var err error
			if json, err = encode("context", map[string]any(context)); err != nil {
				return err
			}
		}
		return editText("name", name, func(edit *C.aim_edit, text *C.char, e **C.aim_error) C.aim_status {
			return C.aim_edit_drop_metric(edit, text, json, e)
		})(edit)
	}
}

// use makes a call with the repository.
func (r *Repo) use(call func(repo *C.aim_repo, e **C.aim_error) C.aim_status) error {
	defer runtime.KeepAlive(r)
	repo, err := r.acquire()
	if err != nil {
		return err
	}
	defer r.handle.release()
	var e *C.aim_error
	return check(call(repo, &e), e)
}

func withEdit(edits []Edit, call func(edit *C.aim_edit) error) error {
	var edit *C.aim_edit
	var e *C.aim_error
	if err := check(C.aim_edit_new(&edit, &e), e); err != nil {
		return err
	}
	defer C.aim_edit_free(edit)
	for _, change := range edits {
		if err := change(edit); err != nil {
			return err
		}
	}
	return call(edit)
}

// EditRun makes changes to one stored run, all or none.
func (r *Repo) EditRun(hash string, edits ...Edit) error {
	c, err := cText("hash", hash)
	if err != nil {
		return err
	}
	return withEdit(edits, func(edit *C.aim_edit) error {
		return r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status { return C.aim_repo_edit_run(repo, c, edit, e) })
	})
}

// EditRuns makes changes to all runs that an AimQL expression selects, or to none, and returns their number.
func (r *Repo) EditRuns(expression string, edits ...Edit) (uint64, error) {
	c, err := cText("expression", expression)
	if err != nil {
		return 0, err
	}
	var count C.uint64_t
	err = withEdit(edits, func(edit *C.aim_edit) error {
		return r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status {
			return C.aim_repo_edit_runs(repo, c, edit, &count, e)
		})
	})
	return uint64(count), err
}

// DeleteRuns deletes all runs that an AimQL expression selects, except those that are being written, and returns the
// numbers of both.
func (r *Repo) DeleteRuns(expression string) (deleted, busy uint64, err error) {
	c, err := cText("expression", expression)
	if err != nil {
		return 0, 0, err
	}
	var count, written C.uint64_t
	err = r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status {
		return C.aim_repo_delete_runs(repo, c, &count, &written, e)
	})
	return uint64(count), uint64(written), err
}

// A Note is a text that somebody wrote to a run.
type Note struct {
	Number               int
	Text                 string
	CreatedAt, UpdatedAt time.Time
	History              []NoteRevision // earlier texts, oldest first
}

// A NoteRevision is an earlier text of a note.
type NoteRevision struct {
	Time time.Time
	Text string
}

// Notes returns the notes of a run, oldest first.
func (r *Repo) Notes(hash string) ([]Note, error) {
	c, err := cText("hash", hash)
	if err != nil {
		return nil, err
	}
	var text *C.char
	err = r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status { return C.aim_repo_get_notes(repo, c, &text, e) })
	if err != nil {
		return nil, err
	}
	var stored []struct {
		Number    int
		Text      string
		CreatedAt float64 `json:"created_at"`
		UpdatedAt float64 `json:"updated_at"`
		History   []struct {
			Time float64
			Text string
		}
	}
	if err := json.Unmarshal([]byte(takeText(text)), &stored); err != nil {
		return nil, failed(ErrCorrupt, err, "notes: %v", err)
	}
	notes := make([]Note, len(stored))
	for i, s := range stored {
		notes[i] = Note{Number: s.Number, Text: s.Text, CreatedAt: fromSeconds(s.CreatedAt), UpdatedAt: fromSeconds(s.UpdatedAt)}
		for _, h := range s.History {
			notes[i].History = append(notes[i].History, NoteRevision{fromSeconds(h.Time), h.Text})
		}
	}
	return notes, nil
}

// A Subject is what is described and renamed.
type Subject int32

// The subjects.
const (
	Experiments Subject = C.AIM_EXPERIMENTS
	Tags        Subject = C.AIM_TAGS
)

// Describe describes an experiment or a tag; colour is "#" and six hexadecimal digits, or "".
func (r *Repo) Describe(what Subject, name, description, colour string) error {
	n, err := cText("name", name)
	if err != nil {
		return err
	}
	d, err := cText("description", description)
	if err != nil {
		return err
	}
	c, err := cText("colour", colour)
	if err != nil {
		return err
	}
	return r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status {
		return C.aim_repo_describe(repo, C.int32_t(what), n, d, c, e)
	})
}

// Rename renames an experiment or a tag in all runs that have it, and returns their number.
func (r *Repo) Rename(what Subject, from, to string) (uint64, error) {
	f, err := cText("old name", from)
	if err != nil {
		return 0, err
	}
	t, err := cText("new name", to)
	if err != nil {
		return 0, err
	}
	var count C.uint64_t
	err = r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status {
		return C.aim_repo_rename(repo, C.int32_t(what), f, t, &count, e)
	})
	return uint64(count), err
}

// DeleteTag takes a tag from all runs that have it, and returns their number.
func (r *Repo) DeleteTag(tag string) (uint64, error) {
	c, err := cText("tag", tag)
	if err != nil {
		return 0, err
	}
	var count C.uint64_t
	err = r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status { return C.aim_repo_delete_tag(repo, c, &count, e) })
	return uint64(count), err
}

// A Listed is what [Repo.List] lists.
type Listed int32

// What can be listed.
const (
	ListExperiments Listed = C.AIM_LIST_EXPERIMENTS
	ListTags        Listed = C.AIM_LIST_TAGS
	ListMetricNames Listed = C.AIM_LIST_METRIC_NAMES
	ListContexts    Listed = C.AIM_LIST_CONTEXTS   // as JSON
	ListParamKeys   Listed = C.AIM_LIST_PARAM_KEYS // as JSON Pointers
)

// List returns what the runs have that an AimQL expression selects, with the number of runs; of all runs, archived ones
// too, if it is "".
func (r *Repo) List(what Listed, expression string) (map[string]uint64, error) {
	var c *C.char
	if expression != "" {
		var err error
		if c, err = cText("expression", expression); err != nil {
			return nil, err
		}
	}
	var list *C.aim_list
	err := r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status {
		return C.aim_repo_list(repo, C.int32_t(what), c, &list, e)
	})
	if err != nil {
		return nil, err
	}
	defer C.aim_list_free(list)
	names := make(map[string]uint64)
	for i := range C.aim_list_len(list) {
		names[C.GoString(C.aim_list_name(list, i))] = uint64(C.aim_list_count(list, i))
	}
	return names, nil
}
