package aim_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/libaim/libaim/bindings/go/aim"
)

func TestFilesAreLoggedAndFoundAgain(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	file := filepath.Join(t.TempDir(), "model.bin")
	write := func(text string) { succeeds(t, os.WriteFile(file, []byte(text), 0o600)) }
	step := int64(7)
	options := aim.ArtifactOptions{
		Name: "model", Type: "checkpoint", Metadata: map[string]any{"loss": 0.5}, Aliases: []string{"best", "first"},
		Step: &step, Mode: aim.Link,
	}
	write("first")
	succeeds(t, run.LogArtifact(file, options))
	succeeds(t, os.Remove(file))
	write("second")
	succeeds(t, run.LogArtifact(file, aim.ArtifactOptions{Name: "model", Aliases: []string{"best"}, Mode: aim.Copy, Wait: true}))
	fails(t, run.LogArtifact("/nowhere", aim.ArtifactOptions{}), aim.ErrNotFound)
	fails(t, run.LogArtifact(file, aim.ArtifactOptions{Name: "../x"}), aim.ErrInvalidArgument)
	succeeds(t, run.SetArtifactsURI("s3://bucket/path"))
	best := run.Hash() + "/model:best"
	user := newRun(t, repo)
	succeeds(t, user.UseArtifact(best))
	users := must(repo.ArtifactUsers(best))
	equal(t, "users", len(users), 1)
	equal(t, "user", users[0].Run, user.Hash())
	equal(t, "its version", *users[0].Version, int64(1))
	succeeds(t, run.Close())

	all := must(repo.Artifacts(run.Hash()))
	equal(t, "versions", len(all), 2)
	equal(t, "version", *all[0].Version, int64(0))
	equal(t, "aliases", all[0].Aliases[0], "first")
	equal(t, "step", *all[0].Step, int64(7))
	equal(t, "metadata", all[0].Metadata["loss"].(float64), 0.5)
	equal(t, "type", all[0].Type, "checkpoint")
	equal(t, "size", all[1].Size, int64(6))
	// sha256sum of "second"
	equal(t, "checksum", all[1].Checksum, "16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4")
	for _, checked := range must(repo.VerifyArtifacts(run.Hash())) {
		equal(t, "found", checked.Found, "intact")
	}
	fetched := must(repo.FetchArtifact(run.Hash()+"/model:first", t.TempDir()))
	equal(t, "content", string(must(os.ReadFile(fetched))), "first")
	succeeds(t, repo.AliasArtifact(run.Hash()+"/model:v0", "good"))
	succeeds(t, repo.DeleteArtifact(run.Hash()+"/model:good"))
	_, err := repo.FetchArtifact(run.Hash()+"/model:v0", t.TempDir())
	fails(t, err, aim.ErrNotFound)
}
