package aim_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/libaim/libaim/bindings/go/aim"
)

// snippets are those in a language on a page.
func snippets(page, language string) (found []string) {
	text := string(must(os.ReadFile(page)))
	for _, match := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}

// TestReadme does what the README says: installs, and runs its snippets, in order, as one program of a module of its
// own.
func TestReadme(t *testing.T) {
	shell, program := snippets("../README.md", "sh"), snippets("../README.md", "go")
	if len(shell) != 2 || len(program) < 8 || !strings.HasPrefix(program[0], "import (") {
		t.Fatalf("the README has %d snippets for the shell and %d in Go", len(shell), len(program))
	}

	home, module := t.TempDir(), t.TempDir()
	cache := must(exec.Command("go", "env", "GOCACHE").Output())
	environment := []string{"HOME=" + home, "GOCACHE=" + strings.TrimSpace(string(cache)), "GOFLAGS=-modcacherw"}
	for _, name := range []string{"PATH", "GOTOOLCHAIN", "GOPROXY"} {
		environment = append(environment, name+"="+os.Getenv(name))
	}
	// rustup's toolchains lie in the home directory, too.
	for name, directory := range map[string]string{"RUSTUP_HOME": ".rustup", "CARGO_HOME": ".cargo"} {
		environment = append(environment, name+"="+cmp.Or(os.Getenv(name), os.ExpandEnv("$HOME/"+directory)))
	}
	run := func(directory, script string) string {
		command := exec.Command("bash", "-euc", script)
		command.Dir, command.Env = directory, environment
		var errors strings.Builder
		command.Stderr = &errors
		output, err := command.Output()
		if err != nil {
			t.Fatalf("%s%v\n%s%s", script, err, output, errors.String())
		}
		return string(output)
	}

	story := fmt.Sprintf(`package main

%s
func main() {
	if err := story(context.Background()); err != nil {
		panic(err)
	}
}

func story(ctx context.Context) error {
%s
	return nil
}
`, program[0], strings.Join(program[1:], "\n"))
	succeeds(t, os.WriteFile(filepath.Join(module, "main.go"), []byte(story), 0o644))
	succeeds(t, os.WriteFile(filepath.Join(module, "go.mod"), []byte("module example.org/train\n\ngo 1.24\n"), 0o644))
	run("../../..", shell[0])
	output := run(module, shell[1])

	var printed []string
	for _, match := range regexp.MustCompile(`// prints (.*)\n`).FindAllStringSubmatch(story, -1) {
		printed = append(printed, match[1])
	}
	equal(t, "the output", strings.Split(strings.TrimSpace(output), "\n"), printed)

	// What the program does not print: what it tracked through the log.
	logged := slices.DeleteFunc(points(t, must(aim.Open(filepath.Join(module, "runs")))), func(line string) bool {
		return !strings.HasPrefix(line, "val.") && !strings.Contains(line, "test")
	})
	equal(t, "the points of the log", logged, []string{
		`loss {"subset":"test"} 0 - 0.6`, "val.f1 {} 10 - 0.8", "val.loss {} 10 - 0.5",
	})
}

// TestReadmeOthers runs the snippets on pages of docs, each in a program of a module of its own, where there is a checkpoint.
func TestReadmeOthers(t *testing.T) {
	for page, output := range map[string]string{
		"objects":   "(0,0)-(6,4) <nil>\n",
		"artifacts": "1 artifacts\n",
	} {
		found := snippets("../../../docs/"+page+".md", "go")
		if len(found) != 1 {
			t.Fatalf("%s.md has %d snippets in Go", page, len(found))
		}
		used := map[string]string{"objects": "_ = err", "artifacts": `fmt.Println(len(all), "artifacts")`}
		program := fmt.Sprintf(`package main

import (
	"context"
	"fmt"
	"image"

	"github.com/libaim/libaim/bindings/go/aim"
)

func main() {
	ctx, img := context.Background(), image.NewGray(image.Rect(0, 0, 6, 4))
	repo, err := aim.Open("runs", aim.WithCreate())
	if err != nil {
		panic(err)
	}
	run, err := repo.NewRun(ctx)
	if err != nil {
		panic(err)
	}
	hash := run.Hash()
	_, _ = img, hash
	{
%s
		if err != nil {
			panic(err)
		}
		%s
	}
}
`, found[0], used[page])
		module := t.TempDir()
		write := func(name, text string) { succeeds(t, os.WriteFile(filepath.Join(module, name), []byte(text), 0o644)) }
		write("main.go", program)
		write("step-1000.pt", "weights")
		write("go.mod", "module example.org/page\n\ngo 1.24\n\nrequire github.com/libaim/libaim/bindings/go v0.0.0\n\n"+
			"replace github.com/libaim/libaim/bindings/go => "+must(filepath.Abs(".."))+"\n")
		command := exec.Command("go", "run", ".")
		command.Dir = module
		said, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s.md: %v\n%s", page, err, said)
		}
		equal(t, page, string(said), output)
	}
}
