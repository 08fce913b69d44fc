package aim_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/libaim/libaim/bindings/go/aim"
)

var ctx = context.Background()

// must returns a result that comes without an error.
func must[T any](result T, err error) T {
	if err != nil {
		panic(err)
	}
	return result
}

func newRepo(t testing.TB, options ...aim.RepoOption) *aim.Repo {
	t.Helper()
	repo := must(aim.Open(t.TempDir(), append(options, aim.WithCreate())...))
	t.Cleanup(func() { succeeds(t, repo.Close()) })
	return repo
}

func newRun(t testing.TB, repo *aim.Repo, options ...aim.RunOption) *aim.Run {
	t.Helper()
	run := must(repo.NewRun(ctx, options...))
	t.Cleanup(func() { succeeds(t, run.Close()) })
	return run
}

func succeeds(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fails checks that err is code, as a sentinel and as what the library gave.
func fails(t testing.TB, err error, code aim.Code) {
	t.Helper()
	var e *aim.Error
	if !errors.Is(err, code) || !errors.As(err, &e) || e.Code != code || e.Error() == "" {
		t.Fatalf("the error is %v, not %v", err, code)
	}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s is %#v, not %#v", what, got, want)
	}
}

// equalFloats compares numbers, NaN to NaN.
func equalFloats(t testing.TB, what string, got, want []float64) {
	t.Helper()
	same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
	if !slices.EqualFunc(got, want, same) {
		t.Fatalf("%s are %v, not %v", what, got, want)
	}
}

// values reads the points of the one metric that an expression finds.
func values(t testing.TB, repo *aim.Repo, expression string) aim.Values {
	t.Helper()
	query := must(repo.QueryMetrics(ctx, expression))
	defer query.Close()
	if query.Len() != 1 {
		t.Fatalf("%s finds %d metrics", expression, query.Len())
	}
	row := must(query.At(0))
	return must(row.Values())
}
