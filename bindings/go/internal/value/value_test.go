package value

import (
	"encoding"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
)

func TestEncode(t *testing.T) {
	type inner struct {
		A int
		B int `json:"b"`
	}
	type other struct{ A, C int }
	type outer struct {
		inner
		*other
		B     string   `json:"b,omitempty"`
		Z     *int     `json:"z,omitzero"`
		Skip  int      `json:"-"`
		Names []string `json:",omitempty"`
		Any   any
	}
	for _, each := range []struct {
		value any
		json  string
	}{
		{outer{}, `{"Any":null}`}, // A is ambiguous, B hides inner's, C lies in a nil pointer
		{outer{other: &other{1, 2}, B: "x", Z: new(int), Names: []string{"n"}},
			`{"C":2,"b":"x","z":0,"Names":["n"],"Any":null}`},
		{1e21, "1e+21"},
		{100.0, "100.0"},
		{math.Copysign(0, -1), "-0.0"},
		{float32(0.1), "0.1"},
		{"\x00\x1f\"\\é", `"\u0000\u001f\"\\é"`},
		{map[Text]int{"b": 1, "a": 2}, `{"a":2,"b":1}`},
		{map[[1]marshaled]int{}, `{}`},
		{marshaled{}, `{"own":1}`},
		{&marshaled{}, `{"own":1}`},
		{[]marshaled{{}}, `[{"own":1}]`},
		{(*marshaled)(nil), `null`},
		{big.NewInt(5), "5"},
		{json.Number(""), "0"},
		{[3]byte{1, 2, 3}, `[1,2,3]`},
		{[]byte("hi"), `{"__bytes__":"aGk="}`},
		{struct{ T encoding.TextMarshaler }{Text("x")}, `{"T":"text x"}`},
	} {
		got, err := Encode(each.value)
		if err != nil || string(got) != each.json {
			t.Errorf("%#v is %s (%v), not %s", each.value, got, err, each.json)
		}
		if _, isStruct := each.value.(outer); isStruct {
			if standard, err := json.Marshal(each.value); err != nil || string(standard) != each.json {
				t.Errorf("encoding/json gives %s (%v), not %s", standard, err, each.json)
			}
		}
	}
	if _, err := Encode(map[any]int{1: 1, "1": 2}); err == nil {
		t.Error("two equal keys are taken")
	}
}

// Text marshals itself as text.
type Text string

func (t Text) MarshalText() ([]byte, error) { return []byte("text " + t), nil }

func (t *Text) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("empty")
	}
	*t = Text(text)
	return nil
}

type marshaled struct{ text string }

func (marshaled) MarshalJSON() ([]byte, error) { return []byte(`{"own":1}`), nil }

func (m *marshaled) UnmarshalJSON(text []byte) error {
	m.text = string(text)
	return nil
}

func TestParse(t *testing.T) {
	huge, _ := new(big.Int).SetString("-9223372036854775809", 10)
	for text, value := range map[string]any{
		` { "a" : [ ] , "b" : { } } `: map[string]any{"a": []any{}, "b": map[string]any{}},
		`9223372036854775807`:         int64(math.MaxInt64),
		`-9223372036854775809`:        huge,
		`1.0`:                         1.0,
		`1e400`:                       math.Inf(1),
		`[-Infinity,Infinity]`:        []any{math.Inf(-1), math.Inf(1)},
		`"\ud83d\ude00\"\\"`:          "😀\"\\",
		`{"__bytes__":"aGk="}`:        []byte("hi"),
		`{"__bytes__":"?"}`:           map[string]any{"__bytes__": "?"},
		`{"__bytes__":"aGk=","x":1}`:  map[string]any{"__bytes__": "aGk=", "x": int64(1)},
	} {
		got, err := Parse(text)
		if err != nil || !reflect.DeepEqual(got, value) {
			t.Errorf("%s is %#v (%v), not %#v", text, got, err, value)
		}
	}
	for _, text := range []string{``, `{`, `[`, `[1`, `[1,`, `{"a"`, `{"a":`, `{"a":1`, `{a:1}`,
		`"a`, `"\`, `nul`, `1 2`,
		`-`, `1.2.3`, `"\x"`, `[1}`} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%s is taken as %#v", text, got)
		}
	}
}

func TestAssign(t *testing.T) {
	type target struct {
		Exact  int
		Float  float32
		Big    big.Int
		Number json.Number
		Raw    json.RawMessage
		Own    *marshaled
		Text   Text
		Array  [2]uint8
		Keys   map[int8]bool
		Named  map[Text]int
		Any    any
		List   []*int
	}
	var got target
	parsed, err := Parse(`{"EXACT":1,"Exact":2,"float":2,"Big":123456789012345678901,"Number":5,"Raw":[1,NaN],
		"Own":{"x":1},"Text":"x","Array":[1,2],"Keys":{"-1":true},"Named":{"k":1},"Any":9007199254740993,
		"List":[1,null],"unknown":0}`)
	if err == nil {
		err = Assign(parsed, &got)
	}
	if err != nil {
		t.Fatal(err)
	}
	one := 1
	wanted := target{Exact: got.Exact, Float: 2, Number: "5", Raw: json.RawMessage("[1,NaN]"),
		Own: &marshaled{`{"x":1}`}, Text: "x",
		Array: [2]uint8{1, 2}, Keys: map[int8]bool{-1: true}, Named: map[Text]int{"k": 1},
		Any: int64(9007199254740993), List: []*int{&one, nil}}
	wanted.Big.SetString("123456789012345678901", 10)
	if !reflect.DeepEqual(got, wanted) {
		t.Fatalf("%+v is not %+v", got, wanted)
	}

	for text, into := range map[string]any{
		`300`:                    new(int8),
		`-1`:                     new(uint),
		`123456789012345678901`:  new(int64),
		`1.5`:                    new(int),
		`1e300`:                  new(float32),
		`"x"`:                    new(bool),
		`true`:                   new(string),
		`[1,2,3]`:                new([2]int),
		`{"a":1}`:                new([]int),
		`{"300":1}`:              new(map[int8]int),
		`{"x":1}`:                new(map[bool]int),
		`1`:                      new(json.Unmarshaler),
		`""`:                     new(Text),
		`{"__bytes__":"aGk="}`:   new(string),
		`{"a":{"b/c":[0,"no"]}}`: new(map[string]map[string][]int),
	} {
		parsed, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		err = Assign(parsed, into)
		var problem *MismatchError
		if !errors.As(err, &problem) {
			t.Errorf("%s in %T gave %v", text, into, err)
		} else if strings.Contains(text, "b/c") && problem.Path != "/a/b~1c/1" {
			t.Errorf("the path is %s", problem.Path)
		}
	}
	type hidden struct{ C int }
	hiding := struct{ *hidden }{}
	var problem *MismatchError
	if err := Assign(map[string]any{"C": int64(1)}, &hiding); !errors.As(err, &problem) {
		t.Errorf("a field that cannot be reached gave %v", err)
	}
	hiding.hidden = &hidden{}
	if err := Assign(map[string]any{"C": int64(1)}, &hiding); err != nil || hiding.C != 1 {
		t.Errorf("a field that can be reached is %d (%v)", hiding.C, err)
	}
	if err := Assign(1, 1); err != ErrTarget {
		t.Errorf("a target that is no pointer gave %v", err)
	}
}

// TestRoundTrip parses what Encode wrote.
func TestRoundTrip(t *testing.T) {
	for _, v := range []any{nil, true, int64(math.MinInt64), 0.1, 1e-320, math.MaxFloat64, "", "\u2028\x7f", []byte{},
		[]any{nil}, map[string]any{"": map[string]any{"/~": []any{int64(1), 1.0}}}} {
		text, err := Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Parse(string(text)); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("%#v comes back as %#v (%v)", v, got, err)
		}
	}
}
