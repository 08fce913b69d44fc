// Tracks values in the repository DIRECTORY and reads them back.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/libaim/libaim/bindings/go/aim"
)

func main() {
	if err := train(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func train(directory string) error {
	ctx := context.Background()
	repo, err := aim.Open(directory, aim.WithCreate())
	if err != nil {
		return err
	}
	defer repo.Close()
	run, err := repo.NewRun(ctx)
	if err != nil {
		return err
	}
	for step := range int64(100) {
		if err := run.Track("loss", nil, 1/float64(step+1), aim.Step(step)); err != nil {
			return err
		}
	}
	if err := run.Close(); err != nil {
		return err
	}
	query, err := repo.QueryMetrics(ctx, fmt.Sprintf("run.hash == '%s'", run.Hash()))
	if err != nil {
		return err
	}
	defer query.Close()
	for _, metric := range query.All() {
		values, err := metric.Values()
		if err != nil {
			return err
		}
		if len(values.Steps) == 100 && values.Values[99] == 0.01 {
			return nil
		}
	}
	return fmt.Errorf("the values of %s are not as tracked", run.Hash())
}
