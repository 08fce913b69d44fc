package aim_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestWithoutCgo: who builds without cgo is told what is missing, and nothing else.
func TestWithoutCgo(t *testing.T) {
	build := exec.Command("go", "build", ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := build.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if err == nil || len(lines) != 2 || !strings.Contains(lines[1], "set_CGO_ENABLED_to_1_and_install_a_C_compiler") {
		t.Fatalf("%v: %s", err, output)
	}
}
