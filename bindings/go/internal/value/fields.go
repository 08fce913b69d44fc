package value

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// field is a field of a struct as encoding/json sees it.
type field struct {
	name      string
	index     []int
	omitEmpty bool
	omitZero  bool
	tagged    bool
}

var fieldsOfTypes sync.Map // reflect.Type to []field

// fieldsOf lists the fields of a struct type in the order of their declaration. Fields of embedded structs count as the
// struct's own; of two with one name the less deeply embedded wins, then the one with a tag; if that leaves two, none.
func fieldsOf(t reflect.Type) []field {
	if known, ok := fieldsOfTypes.Load(t); ok {
		return known.([]field)
	}
	byName := map[string][]field{}
	for _, f := range collect(t, nil, map[reflect.Type]bool{}) {
		byName[f.name] = append(byName[f.name], f)
	}
	var fields []field
	for _, candidates := range byName {
		slices.SortFunc(candidates, precedence)
		if len(candidates) == 1 || precedence(candidates[0], candidates[1]) != 0 {
			fields = append(fields, candidates[0])
		}
	}
	slices.SortFunc(fields, func(a, b field) int { return slices.Compare(a.index, b.index) })
	known, _ := fieldsOfTypes.LoadOrStore(t, fields)
	return known.([]field)
}

func precedence(a, b field) int {
	if c := cmp.Compare(len(a.index), len(b.index)); c != 0 || a.tagged == b.tagged {
		return c
	}
	if a.tagged {
		return -1
	}
	return 1
}

func collect(t reflect.Type, above []int, seen map[reflect.Type]bool) []field {
	if seen[t] {
		return nil
	}
	seen[t] = true
	defer delete(seen, t)
	var fields []field
	for i := range t.NumField() {
		declared := t.Field(i)
		tag := declared.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		index := append(slices.Clone(above), i)
		embedded := declared.Type
		if embedded.Kind() == reflect.Pointer {
			embedded = embedded.Elem()
		}
		if declared.Anonymous && name == "" && embedded.Kind() == reflect.Struct {
			fields = append(fields, collect(embedded, index, seen)...)
			continue
		}
		if !declared.IsExported() {
			continue
		}
		f := field{name: cmp.Or(name, declared.Name), index: index, tagged: name != ""}
		for _, option := range strings.Split(options, ",") {
			f.omitEmpty = f.omitEmpty || option == "omitempty"
			f.omitZero = f.omitZero || option == "omitzero"
		}
		fields = append(fields, f)
	}
	return fields
}
