package aim

// #include "capi.h"
import "C"

import (
	"encoding/json"
	"strings"
	"time"
)

// An ArtifactMode is what becomes of the file of an artifact.
type ArtifactMode int32

// What becomes of it.
const (
	Reference ArtifactMode = C.AIM_ARTIFACT_REFERENCE // it stays where it is
	Link      ArtifactMode = C.AIM_ARTIFACT_LINK      // it gets a second name in the repository, and may go
	Copy      ArtifactMode = C.AIM_ARTIFACT_COPY      // it is copied into the repository
)

// ArtifactOptions say how a file or directory is logged; all may stay zero.
type ArtifactOptions struct {
	Name       string         // "": the last part of the path
	Type       string         // "model", "checkpoint", "dataset", ...; "": "file"
	Metadata   map[string]any // becomes JSON
	Aliases    []string       // more names for the version, such as "best"; each moves here
	Step       *int64         // at which it was made
	Mode       ArtifactMode
	NoChecksum bool // size and time serve in place of the SHA-256
	Wait       bool // until it is copied and summed, which Close does otherwise
}

// An Artifact is a version of what a run logged, or what is to become one. What is not known is nil or zero.
type Artifact struct {
	Name     string         `json:"name"`
	Version  *int64         `json:"version"` // counted from 0 within the run and name; nil until it is summed
	Type     string         `json:"type"`
	Path     string         `json:"path"`     // where it was logged
	Content  string         `json:"content"`  // where its bytes are now
	Size     int64          `json:"size"`     // in bytes
	Mtime    int64          `json:"mtime"`    // nanoseconds since 1970-01-01 UTC
	Checksum string         `json:"checksum"` // SHA-256 in hex; of a directory that of its list of files
	Files    *int64         `json:"files"`    // how many a directory has
	Step     *int64         `json:"step"`
	Metadata map[string]any `json:"metadata"`
	Aliases  []string       `json:"aliases"`
	Mode     string         `json:"mode"`  // "reference", "link" or "copy"
	URI      string         `json:"uri"`   // to where it was pushed
	State    string         `json:"state"` // "stored", "queued", or "failed: " and why
}

// A VerifiedArtifact is what a check found.
type VerifiedArtifact struct {
	Name    string `json:"name"`
	Version *int64 `json:"version"`
	Found   string `json:"found"`  // "intact", "changed", "missing" or "unknown"
	Detail  string `json:"detail"` // more of it in words, unless it is intact
}

// An ArtifactUser is a run that uses an artifact.
type ArtifactUser struct {
	Run     string // its hash
	Version *int64 // that it used; nil if it used the same bytes under another name
	Time    time.Time
}

// LogArtifact logs a file or directory: a version of the run's artifact of that name. A file that changes before it is copied
// and summed makes no version.
func (r *Run) LogArtifact(path string, options ArtifactOptions) error {
	c := C.aim_artifact_options{
		struct_size: C.sizeof_aim_artifact_options,
		step:        C.AIM_STEP_AUTO,
		mode:        C.int32_t(options.Mode),
	}
	if options.Step != nil {
		c.step = C.int64_t(*options.Step)
	}
	if options.NoChecksum {
		c.no_checksum = 1
	}
	if options.Wait {
		c.wait = 1
	}
	metadata := ""
	if options.Metadata != nil {
		encoded, err := json.Marshal(options.Metadata)
		if err != nil {
			return failed(ErrInvalidArgument, err, "metadata: %v", err)
		}
		metadata = string(encoded)
	}
	var memory arena
	defer memory.free()
	for _, text := range []struct {
		field     **C.char
		what, has string
	}{
		{&c.path, "path", path},
		{&c.name, "name", options.Name},
		{&c.kind, "type", options.Type},
		{&c.metadata, "metadata", metadata},
		{&c.aliases, "aliases", strings.Join(options.Aliases, ",")},
	} {
		if text.has == "" && text.what != "path" {
			continue
		}
		if err := checkText(text.what, text.has); err != nil {
			return err
		}
		*text.field = memory.text(text.has)
	}
	return r.use(func(run *C.aim_run, e **C.aim_error) C.aim_status { return C.aim_run_log_artifact(run, &c, e) })
}

// SetArtifactsURI notes where the run's artifacts belong, for whoever sends them there: "s3://bucket/path" or "file:///path".
func (r *Run) SetArtifactsURI(uri string) error {
	return r.useText("uri", uri, func(run *C.aim_run, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_set_artifacts_uri(run, text, e)
	})
}

// UseArtifact notes that the run uses an artifact of its repository: "RUN/NAME", "RUN/NAME:v3" or "RUN/NAME:best".
func (r *Run) UseArtifact(reference string) error {
	return r.useText("reference", reference, func(run *C.aim_run, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_use_artifact(run, text, e)
	})
}

// Artifacts lists what a run logged: the versions of each name, oldest first, then what is not summed yet.
func (r *Repo) Artifacts(hash string) ([]Artifact, error) {
	var all []Artifact
	err := r.list("hash", hash, &all, func(repo *C.aim_repo, text *C.char, json **C.char, e **C.aim_error) C.aim_status {
		return C.aim_repo_artifacts(repo, text, json, e)
	})
	return all, err
}

// VerifyArtifacts reads all artifacts of a run and compares them with what was logged.
func (r *Repo) VerifyArtifacts(hash string) ([]VerifiedArtifact, error) {
	var all []VerifiedArtifact
	err := r.list("hash", hash, &all, func(repo *C.aim_repo, text *C.char, json **C.char, e **C.aim_error) C.aim_status {
		return C.aim_repo_verify_artifacts(repo, text, json, e)
	})
	return all, err
}

// ArtifactUsers lists the runs that use an artifact.
func (r *Repo) ArtifactUsers(reference string) ([]ArtifactUser, error) {
	var stored []struct {
		Run     string
		Version *int64
		Time    int64
	}
	err := r.list("reference", reference, &stored, func(repo *C.aim_repo, text *C.char, json **C.char, e **C.aim_error) C.aim_status {
		return C.aim_repo_artifact_users(repo, text, json, e)
	})
	var users []ArtifactUser
	for _, user := range stored {
		users = append(users, ArtifactUser{user.Run, user.Version, time.UnixMicro(user.Time).UTC()})
	}
	return users, err
}

// FetchArtifact copies an artifact into a directory, and checks its bytes; it tells where it is then.
func (r *Repo) FetchArtifact(reference, into string) (path string, err error) {
	named, err := cText("reference", reference)
	if err != nil {
		return "", err
	}
	directory, err := cText("into", into)
	if err != nil {
		return "", err
	}
	var text *C.char
	err = r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status {
		return C.aim_repo_fetch_artifact(repo, named, directory, &text, e)
	})
	if err != nil {
		return "", err
	}
	return takeText(text), nil
}

// AliasArtifact gives a version one more name, which it takes from another one.
func (r *Repo) AliasArtifact(reference, alias string) error {
	named, err := cText("reference", reference)
	if err != nil {
		return err
	}
	name, err := cText("alias", alias)
	if err != nil {
		return err
	}
	return r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status {
		return C.aim_repo_alias_artifact(repo, named, name, e)
	})
}

// DeleteArtifact deletes a version with what is kept of it.
func (r *Repo) DeleteArtifact(reference string) error {
	named, err := cText("reference", reference)
	if err != nil {
		return err
	}
	return r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status {
		return C.aim_repo_delete_artifact(repo, named, e)
	})
}

// list reads the JSON of a call that is about something named.
func (r *Repo) list(what, named string, into any, read func(*C.aim_repo, *C.char, **C.char, **C.aim_error) C.aim_status) error {
	c, err := cText(what, named)
	if err != nil {
		return err
	}
	var text *C.char
	err = r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status { return read(repo, c, &text, e) })
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(takeText(text)), into); err != nil {
		return failed(ErrCorrupt, err, "artifacts: %v", err)
	}
	return nil
}
