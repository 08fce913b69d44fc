//go:build cgo

package aim

import (
	"hash/maphash"
	"maps"
	"math"
	"sync/atomic"
)

// slots is how many names with contexts a run recognises at once.
const slots = 1024

// recognised holds the metrics that a run tracked by name and context last, so that a context is written as JSON and
// looked up once and not at every call. Contexts are told by what they hold: who tracks may change the map.
type recognised struct {
	table atomic.Pointer[[slots]atomic.Pointer[known]]
}

type known struct {
	name    string
	context Context
	metric  *Metric
}

var seed = maphash.MakeSeed()

// fingerprint is equal for equal names and contexts; ok is false for contexts of more than plain values.
func fingerprint(name string, context Context) (sum uint64, ok bool) {
	for key, value := range context {
		var number uint64
		switch value := value.(type) {
		case string:
			number = maphash.String(seed, value)
		case int:
			number = uint64(value)
		case int64:
			number = uint64(value) + 1
		case float64:
			number = math.Float64bits(value)
		case bool:
			if value {
				number = 1
			}
		default:
			return 0, false
		}
		// The order of a map's keys changes from call to call.
		sum += maphash.String(seed, key) * (number*2 + 1)
	}
	return sum ^ maphash.String(seed, name), true
}

func (k *known) is(name string, context Context) bool {
	if k == nil || k.name != name || len(k.context) != len(context) {
		return false
	}
	for key, value := range context {
		if mine, ok := k.context[key]; !ok || mine != value {
			return false
		}
	}
	return true
}

// recognise returns the metric with that name and context, resolved at the first call.
func (r *Run) recognise(name string, context Context) (*Metric, error) {
	sum, ok := fingerprint(name, context)
	if !ok {
		return r.Metric(name, context)
	}
	table := r.seen.table.Load()
	if table == nil {
		r.seen.table.CompareAndSwap(nil, new([slots]atomic.Pointer[known]))
		table = r.seen.table.Load()
	}
	place := &table[sum%slots]
	if found := place.Load(); found.is(name, context) {
		return found.metric, nil
	}
	other := &table[(sum^1)%slots]
	if found := other.Load(); found.is(name, context) {
		return found.metric, nil
	}
	metric, err := r.Metric(name, context)
	if err != nil {
		return nil, err
	}
	if place.Load() != nil {
		place = other
	}
	place.Store(&known{name, maps.Clone(context), metric})
	return metric, nil
}
