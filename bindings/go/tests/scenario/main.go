// The scenario that all bindings share (tests/scenario): `write REPO FILE` and `read REPO FILE HASH`.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/libaim/libaim/bindings/go/aim"
	"github.com/libaim/libaim/bindings/go/internal/value"
)

var ctx = context.Background()

func main() {
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "write":
		err = write(os.Args[2], os.Args[3])
	case len(os.Args) == 5 && os.Args[1] == "read":
		err = read(os.Args[2], os.Args[3], os.Args[4])
	default:
		err = errors.New("usage: scenario write REPO FILE | scenario read REPO FILE HASH")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// steps reads the lines of a scenario as fields.
func steps(path string) ([][]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var lines [][]string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		}
	}
	return lines, nil
}

// number reads a step or epoch; `absent` stands for `number`.
func number(text, absent string, instead int64) (int64, error) {
	if text == absent {
		return instead, nil
	}
	return strconv.ParseInt(text, 10, 64)
}

func write(path, file string) error {
	lines, err := steps(file)
	if err != nil {
		return err
	}
	repo, err := aim.Open(path, aim.WithCreate())
	if err != nil {
		return err
	}
	defer repo.Close()
	var run *aim.Run
	for _, f := range lines {
		switch kind := f[0]; {
		case kind == "experiment":
			run, err = repo.NewRun(ctx, aim.WithExperiment(f[1]))
		case kind == "continue":
			run, err = repo.ContinueRun(ctx, run.Hash())
		case kind == "name":
			err = run.SetName(f[1])
		case kind == "description":
			err = run.SetDescription(f[1])
		case kind == "tag":
			err = run.AddTag(f[1])
		case kind == "param":
			err = setParam(run, f[1], f[2])
		case kind == "delete":
			err = run.DeleteParam(f[1])
		case kind == "track":
			err = track(run, f)
		case kind == "close":
			err = run.Close()
		case !strings.HasPrefix(kind, "expect-"):
			err = errors.New("a line of unknown kind")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", strings.Join(f, " "), err)
		}
	}
	fmt.Println(run.Hash())
	return nil
}

// setParam stores objects as the JSON they are, for their keys have an order, and other values as those of Go.
func setParam(run *aim.Run, key, text string) error {
	if strings.HasPrefix(text, "{") {
		return run.SetParam(key, json.RawMessage(text))
	}
	v, err := value.Parse(text)
	if err != nil {
		return err
	}
	return run.SetParam(key, v)
}

func track(run *aim.Run, f []string) error {
	var labels aim.Context
	step, problem1 := number(f[3], "auto", aim.AutoStep)
	v, problem2 := strconv.ParseFloat(f[4], 64)
	epoch, problem3 := number(f[5], "none", aim.NoEpoch)
	if err := cmp.Or(problem1, problem2, problem3, json.Unmarshal([]byte(f[2]), &labels)); err != nil {
		return err
	}
	return run.Track(f[1], labels, v, aim.Step(step), aim.Epoch(epoch))
}

func read(path, file, hash string) error {
	lines, err := steps(file)
	if err != nil {
		return err
	}
	repo, err := aim.Open(path)
	if err != nil {
		return err
	}
	defer repo.Close()
	runs, err := repo.QueryRuns(ctx, fmt.Sprintf("run.hash == '%s'", hash))
	if err != nil {
		return err
	}
	run, err := runs.At(0)
	if err != nil {
		return err
	}
	metrics, err := repo.QueryMetrics(ctx, fmt.Sprintf("run.hash == '%s'", hash))
	if err != nil {
		return err
	}

	var differences []error
	expect := func(what, expected, found string) {
		if expected != found {
			differences = append(differences, fmt.Errorf("%s: expected %s, found %s", what, expected, found))
		}
	}
	row := 0
	for _, f := range lines {
		var found string
		switch f[0] {
		case "expect-property":
			if found, err = property(run, f[1]); err == nil {
				expect(f[1], f[2], found)
			}
		case "expect-param":
			if found, err = param(run, f[1], f[2]); err == nil {
				expect("param "+f[1], f[2], found)
			}
		case "expect-no-param":
			if _, err = run.Param(f[1]); errors.Is(err, aim.ErrNotFound) {
				err = nil
			} else {
				expect("param "+f[1], "none", "one")
			}
		case "expect-metric":
			var metric aim.MetricRow
			if metric, err = metrics.At(row); err == nil {
				err = expectMetric(expect, metric, f)
			}
			row++
		default:
			if strings.HasPrefix(f[0], "expect-") {
				err = errors.New("a line of unknown kind")
			}
		}
		if err != nil {
			differences = append(differences, fmt.Errorf("%s: %w", strings.Join(f, " "), err))
		}
	}
	expect("number of metrics", fmt.Sprint(row), fmt.Sprint(metrics.Len()))
	return errors.Join(differences...)
}

func property(run aim.RunRow, name string) (string, error) {
	properties, err := run.Properties()
	if err != nil {
		return "", err
	}
	v, known := map[string]any{
		"experiment":  properties.Experiment,
		"name":        properties.Name,
		"description": properties.Description,
		"tags":        properties.Tags,
		"archived":    properties.Archived,
		"status":      properties.Status,
	}[name]
	if !known {
		return "", errors.New("an unknown property")
	}
	text, err := value.Encode(v)
	return string(text), err
}

// param reads a param as text; as the expected one, if they are equal but for the order of keys and the escapes.
func param(run aim.RunRow, key, expected string) (string, error) {
	found, err := run.Param(key)
	if err != nil {
		return "", err
	}
	wanted, err := value.Parse(expected)
	if err != nil {
		return "", err
	}
	foundText, problem1 := value.Encode(found)
	wantedText, problem2 := value.Encode(wanted)
	if string(foundText) == string(wantedText) {
		return expected, cmp.Or(problem1, problem2)
	}
	return string(foundText), cmp.Or(problem1, problem2)
}

func expectMetric(expect func(what, expected, found string), metric aim.MetricRow, f []string) error {
	expect("metric", f[1], metric.Name())
	expect("context of "+f[1], f[2], metric.ContextJSON())
	found, err := metric.Values()
	if err != nil {
		return err
	}
	var epochs, values []string
	for i, epoch := range found.Epochs {
		text := strconv.FormatInt(epoch, 10)
		if epoch == aim.NoEpoch {
			text = "none"
		}
		epochs = append(epochs, text)
		values = append(values, strconv.FormatFloat(found.Values[i], 'g', -1, 64))
	}
	var wanted []string
	for text := range strings.SplitSeq(f[4], ",") {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return err
		}
		wanted = append(wanted, strconv.FormatFloat(v, 'g', -1, 64))
	}
	expect("steps of "+f[1], f[3], strings.ReplaceAll(strings.Trim(fmt.Sprint(found.Steps), "[]"), " ", ","))
	expect("values of "+f[1], strings.Join(wanted, ","), strings.Join(values, ","))
	expect("epochs of "+f[1], f[5], strings.Join(epochs, ","))
	return nil
}
