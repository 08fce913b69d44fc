//go:build cgo

package aim

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math"
)

// A SlogHandler is an [slog.Handler] that tracks the numeric attributes of records as metrics of a run.
//
// A number or duration (in seconds) becomes a point of the metric that is called as [slog.TextHandler] prints the
// attribute's key: groups stand before it, with dots between. The integers "step" and "epoch" are the point's position
// instead; in a group they count for the group. What a logger carries with it ([slog.Logger.With]) is no measurement:
// its step and epoch count for all records, its other text, numbers and bools are the metrics' context.
type SlogHandler struct {
	run     *Run
	next    slog.Handler
	groups  string // with a dot behind each
	context Context
	at      place
}

// place is a position that may be open.
type place struct{ step, epoch int64 }

// NewSlogHandler returns a handler that tracks in run and passes the records on that next wants; next may be nil. What is
// tracked does not depend on next: records of levels that it does not want are tracked too.
func NewSlogHandler(run *Run, next slog.Handler) *SlogHandler {
	if next == nil {
		next = slog.DiscardHandler
	}
	return &SlogHandler{run: run, next: next, at: place{AutoStep, NoEpoch}}
}

// Enabled is true: a record of any level may hold a measurement.
func (h *SlogHandler) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs returns a handler with a context of these attributes added.
func (h *SlogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.next = h.next.WithAttrs(attrs)
	with.context = maps.Clone(h.context)
	if with.context == nil {
		with.context = Context{}
	}
	// A step that is none stays out: With has no error to give back.
	with.at, _ = h.at.within(attrs)
	with.context.add(h.groups, attrs)
	return &with
}

// WithGroup returns a handler that puts name before the metrics.
func (h *SlogHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.next = h.next.WithGroup(name)
	with.groups += name + "."
	return &with
}

// Handle tracks what is numeric in the record and passes it on, if next wants it. The error joins those of tracking and that of next.
func (h *SlogHandler) Handle(ctx context.Context, record slog.Record) error {
	attrs := make([]slog.Attr, 0, record.NumAttrs())
	record.Attrs(func(attr slog.Attr) bool {
		attrs = append(attrs, attr)
		return true
	})
	err := h.track(h.groups, attrs, h.at)
	if h.next.Enabled(ctx, record.Level) {
		err = errors.Join(err, h.next.Handle(ctx, record))
	}
	return err
}

func (h *SlogHandler) track(groups string, attrs []slog.Attr, at place) error {
	at, err := at.within(attrs)
	problems := []error{err}
	for _, attr := range attrs {
		v := attr.Value.Resolve()
		if v.Kind() == slog.KindGroup {
			problems = append(problems, h.track(groups+prefix(attr.Key), v.Group(), at))
			continue
		}
		number, numeric := measurement(v)
		if !numeric || isPosition(attr.Key) {
			continue
		}
		problems = append(problems, h.run.track(groups+attr.Key, h.context, number, at.step, at.epoch))
	}
	return errors.Join(problems...)
}

// prefix is what a group puts before its attributes; one without a name nothing.
func prefix(group string) string {
	if group == "" {
		return ""
	}
	return group + "."
}

func isPosition(key string) bool { return key == "step" || key == "epoch" }

// within returns the place that step and epoch among attrs, else the place around them, give.
func (p place) within(attrs []slog.Attr) (place, error) {
	var problems []error
	for _, attr := range attrs {
		v := attr.Value.Resolve()
		if attr.Key == "" && v.Kind() == slog.KindGroup { // its attributes count as those around it
			inlined, err := p.within(v.Group())
			p, problems = inlined, append(problems, err)
			continue
		}
		if !isPosition(attr.Key) {
			continue
		}
		var number int64
		switch {
		case v.Kind() == slog.KindInt64:
			number = v.Int64()
		case v.Kind() == slog.KindUint64 && v.Uint64() <= math.MaxInt64:
			number = int64(v.Uint64())
		default:
			problems = append(problems, failed(ErrInvalidArgument, nil, "%s must be an int64, but is %s", attr.Key, v))
			continue
		}
		if attr.Key == "step" {
			p.step = number
		} else {
			p.epoch = number
		}
	}
	return p, errors.Join(problems...)
}

func measurement(v slog.Value) (float64, bool) {
	switch v.Kind() {
	case slog.KindFloat64:
		return v.Float64(), true
	case slog.KindInt64:
		return float64(v.Int64()), true
	case slog.KindUint64:
		return float64(v.Uint64()), true
	case slog.KindDuration:
		return v.Duration().Seconds(), true
	}
	return 0, false
}

// add takes up attributes, those of groups under their name.
func (c Context) add(groups string, attrs []slog.Attr) {
	for _, attr := range attrs {
		v := attr.Value.Resolve()
		switch v.Kind() {
		case slog.KindGroup:
			c.add(groups+prefix(attr.Key), v.Group())
		case slog.KindString, slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64:
			if !isPosition(attr.Key) {
				c[groups+attr.Key] = v.Any()
			}
		}
	}
}
