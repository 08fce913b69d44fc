// Package aimexpvar tracks what a program publishes by the package expvar. It is a package of its own because expvar serves
// its variables by HTTP as soon as it is imported.
package aimexpvar

import (
	"context"
	"encoding/json"
	"errors"
	"expvar"
	"fmt"
	"time"

	"github.com/libaim/libaim/bindings/go/aim"
)

// Track tracks the numbers of the variables of these names, or of all, as they are now. A number is a point of the metric of
// its name; those within maps and JSON objects, such as memstats, have the names of both, with a dot between. Lists, texts
// and bools are left out. A name that nothing is published under is an error.
func Track(run *aim.Run, names ...string) error {
	var problems []error
	track := func(name string, value float64) { problems = append(problems, run.Track(name, nil, value)) }
	if len(names) == 0 {
		expvar.Do(func(variable expvar.KeyValue) { numbers(variable.Key, variable.Value, track) })
	}
	for _, name := range names {
		if variable := expvar.Get(name); variable != nil {
			numbers(name, variable, track)
		} else {
			problems = append(problems, fmt.Errorf("nothing is published by expvar as %q", name))
		}
	}
	return errors.Join(problems...)
}

// Watch tracks as [Track] does, every so often until ctx is done, and then once more. It returns the first error.
func Watch(ctx context.Context, run *aim.Run, every time.Duration, names ...string) error {
	if every <= 0 {
		return fmt.Errorf("every must be positive, but is %v", every)
	}
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		if err := Track(run, names...); err != nil {
			return err
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return Track(run, names...)
		}
	}
}

func numbers(name string, variable expvar.Var, found func(string, float64)) {
	switch v := variable.(type) {
	case *expvar.Int:
		found(name, float64(v.Value()))
	case *expvar.Float: // NaN and infinities are no JSON
		found(name, v.Value())
	case *expvar.Map:
		v.Do(func(entry expvar.KeyValue) { numbers(name+"."+entry.Key, entry.Value, found) })
	default:
		var tree any
		if json.Unmarshal([]byte(variable.String()), &tree) == nil {
			within(name, tree, found)
		}
	}
}

func within(name string, tree any, found func(string, float64)) {
	switch v := tree.(type) {
	case float64:
		found(name, v)
	case map[string]any:
		for key, value := range v {
			within(name+"."+key, value, found)
		}
	}
}
