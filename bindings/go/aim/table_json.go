//go:build cgo

package aim

import (
	"encoding/json"
	"math"
)

// MarshalJSON writes NaN and infinities, which JSON does not have, as null.
func (r TableRow) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		RunProperties
		Params  any
		Metrics []TableMetric
	}{r.RunProperties, finite(r.Params), r.Metrics})
}

// MarshalJSON writes NaN and infinities, which JSON does not have, as null.
func (m TableMetric) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name     string
		Context  any
		Last     any
		LastStep int64 `json:"last_step"`
		Min, Max any
		Count    uint64
	}{m.Name, finite(map[string]any(m.Context)), finite(m.Last), m.LastStep, finite(m.Min), finite(m.Max), m.Count})
}

// finite returns a value as JSON can say it.
func finite(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = finite(element)
		}
		return list
	case map[string]any:
		if v == nil {
			return v
		}
		object := make(map[string]any, len(v))
		for key, element := range v {
			object[key] = finite(element)
		}
		return object
	}
	return v
}
