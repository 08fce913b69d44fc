package aim_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/libaim/libaim/bindings/go/aim"
)

func TestParamsOfEveryType(t *testing.T) {
	run := newRun(t, newRepo(t))
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for _, each := range []struct{ set, got any }{
		{nil, nil},
		{true, true},
		{7, int64(7)},
		{int64(math.MinInt64), int64(math.MinInt64)},
		{int64(1<<53 + 1), int64(1<<53 + 1)},
		{uint8(200), int64(200)},
		{uint64(math.MaxUint64), new(big.Int).SetUint64(math.MaxUint64)},
		{huge, huge},
		{*huge, huge},
		{1.0, 1.0},
		{float32(0.1), 0.1},
		{math.MaxFloat64, math.MaxFloat64},
		{5e-324, 5e-324},
		{math.Inf(-1), math.Inf(-1)},
		{"ünï \"quoted\" \\ \t\n", "ünï \"quoted\" \\ \t\n"},
		{"a NUL \x00", "a NUL \x00"},
		{"", ""},
		{[]byte{0, 1, 255}, []byte{0, 1, 255}},
		{[]byte{}, []byte{}},
		{[]int{1, 2}, []any{int64(1), int64(2)}},
		{[2]bool{true, false}, []any{true, false}},
		{[]any{}, []any{}},
		{[]float64(nil), nil},
		{map[string]any{}, map[string]any{}},
		{map[string]any{"x": 1.0, "y": []byte("b"), "z": nil}, map[string]any{"x": 1.0, "y": []byte("b"), "z": nil}},
		{map[int]string{2: "b", 1: "a"}, map[string]any{"1": "a", "2": "b"}},
		{json.RawMessage(`{"a":[1,2.5,Infinity]}`), map[string]any{"a": []any{int64(1), 2.5, math.Inf(1)}}},
		{json.Number("12"), int64(12)},
		{time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), "2024-01-02T03:04:05Z"},
		{new(int), int64(0)},
	} {
		succeeds(t, run.SetParam("p", each.set))
		equal(t, "param", must(run.Param("p")), each.got)
	}
	succeeds(t, run.SetParam("p", []float64{math.NaN(), math.Inf(1)}))
	var floats []float64
	succeeds(t, run.ScanParam("p", &floats))
	equalFloats(t, "floats", floats, []float64{math.NaN(), math.Inf(1)})
	succeeds(t, run.SetParam("p", math.NaN()))
	if f, ok := must(run.Param("p")).(float64); !ok || !math.IsNaN(f) {
		t.Fatalf("NaN is %v", f)
	}
}

type optimizer struct {
	Name  string    `json:"name"`
	Betas []float64 `json:"betas,omitempty"`
}

type common struct {
	Seed uint64 `json:"seed"`
}

type hparams struct {
	common
	LR        float64           `json:"lr"`
	Best      float64           `json:"best"`
	Batch     int               `json:"batch_size"`
	Big       int64             `json:"big"`
	Mask      []byte            `json:"mask"`
	Optimizer *optimizer        `json:"optimizer"`
	Next      *optimizer        `json:"next"`
	Extra     map[string]any    `json:"extra"`
	Started   time.Time         `json:"started"`
	Labels    map[string]string `json:"labels,omitempty"`
	Secret    string            `json:"-"`
	hidden    int
	Plain     bool
}

func TestStructs(t *testing.T) {
	run := newRun(t, newRepo(t))
	set := hparams{
		common: common{math.MaxUint64}, LR: 1, Best: math.Inf(-1), Batch: 32, Big: 1<<53 + 1, Mask: []byte{1, 2},
		Optimizer: &optimizer{"adam", []float64{0.9, 0.999}}, Extra: map[string]any{"n": int64(1<<53 + 1), "x": 0.5},
		Started: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), Secret: "no", hidden: 1, Plain: true,
	}
	succeeds(t, run.SetParam("hparams", set))
	equal(t, "keys", len(must(run.Param("hparams")).(map[string]any)), 11)
	equal(t, "lr", must(run.Param("/hparams/lr")), 1.0)
	equal(t, "mask", must(run.ParamBytes("/hparams/mask")), []byte{1, 2})

	var got hparams
	succeeds(t, run.ScanParam("hparams", &got))
	set.Secret, set.hidden = "", 0
	equal(t, "struct", got, set)

	var partly struct{ BATCH_SIZE, Missing int }
	partly.Missing = 9
	succeeds(t, run.ScanParam("hparams", &partly))
	equal(t, "partly", partly, struct{ BATCH_SIZE, Missing int }{32, 9})

	err := run.ScanParam("hparams", &struct {
		Optimizer struct{ Name int } `json:"optimizer"`
	}{})
	fails(t, err, aim.ErrType)
	if !strings.Contains(err.Error(), "/optimizer/name") || !strings.Contains(err.Error(), `"adam"`) {
		t.Fatal(err)
	}
	fails(t, run.ScanParam("hparams", hparams{}), aim.ErrInvalidArgument)
	fails(t, run.ScanParam("hparams", nil), aim.ErrInvalidArgument)
	var small int8
	succeeds(t, run.SetParam("n", 1000))
	fails(t, run.ScanParam("n", &small), aim.ErrType)
}

func TestPointers(t *testing.T) {
	run := newRun(t, newRepo(t))
	succeeds(t, run.SetParam("hparams", map[string]any{"layers": []int{64, 10}}))
	succeeds(t, run.SetParam("/hparams/layers/-", 5))
	succeeds(t, run.SetParam("/hparams/optimizer/lr", 0.5))
	succeeds(t, run.SetParam("a.b/c", "top"))
	equal(t, "params", must(run.Params()), map[string]any{
		"hparams": map[string]any{
			"layers":    []any{int64(64), int64(10), int64(5)},
			"optimizer": map[string]any{"lr": 0.5},
		},
		"a.b/c": "top",
	})
	equal(t, "item", must(run.Param("/hparams/layers/1")), int64(10))
	succeeds(t, run.DeleteParam("/hparams/optimizer"))
	_, err := run.Param("/hparams/optimizer/lr")
	fails(t, err, aim.ErrNotFound)
	fails(t, run.DeleteParam("/hparams/optimizer"), aim.ErrNotFound)
	fails(t, run.SetParam("/hparams/layers/7", 1), aim.ErrInvalidArgument)
	_, err = run.ParamBytes("a.b/c")
	fails(t, err, aim.ErrType)
	_, err = run.ParamBytes("none")
	fails(t, err, aim.ErrNotFound)
}

func TestParamsRefuse(t *testing.T) {
	run := newRun(t, newRepo(t))
	type loop struct{ Self *loop }
	endless := &loop{}
	endless.Self = endless
	for _, refused := range []any{make(chan int), func() {}, complex(1, 2), endless, map[float64]int{1: 1}, "\xff",
		map[string]any{"deep": map[string]any{"x": make(chan int)}}, json.RawMessage("{")} {
		fails(t, run.SetParam("p", refused), aim.ErrInvalidArgument)
	}
	err := run.SetParam("p", map[string]any{"deep": []any{1, make(chan int)}})
	if err == nil || !strings.Contains(err.Error(), `"deep": [1]: a value of type chan int`) {
		t.Fatal(err)
	}
	fails(t, run.SetParam("a\x00", 1), aim.ErrInvalidArgument)
	deep := any(1)
	for range 200 {
		deep = []any{deep}
	}
	fails(t, run.SetParam("p", deep), aim.ErrLimit)
	equal(t, "params", must(run.Params()), map[string]any{})
}
