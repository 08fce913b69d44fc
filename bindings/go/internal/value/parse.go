package value

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Parse reads JSON of the library as nil, bool, int64, *big.Int (where an int64 is too small), float64, string, []byte,
// []any and map[string]any.
func Parse(text string) (any, error) {
	p := parser{rest: text}
	v, err := p.value()
	if err == nil {
		p.space()
		if p.rest != "" {
			err = errors.New("something follows the value")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("JSON, at byte %d: %w", len(text)-len(p.rest), err)
	}
	return v, nil
}

// parser holds the text that is not read yet.
type parser struct{ rest string }

func (p *parser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// take passes over token if it comes next, after white space.
func (p *parser) take(token string) bool {
	p.space()
	rest, found := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return found
}

func (p *parser) value() (any, error) {
	p.space()
	switch {
	case p.rest == "":
		return nil, errors.New("a value is missing")
	case p.rest[0] == '"':
		return p.text()
	case p.take("{"):
		return p.object()
	case p.take("["):
		return p.list()
	case p.take("null"):
		return nil, nil
	case p.take("true"):
		return true, nil
	case p.take("false"):
		return false, nil
	case p.take("NaN"):
		return math.NaN(), nil
	case p.take("Infinity"):
		return math.Inf(1), nil
	case p.take("-Infinity"):
		return math.Inf(-1), nil
	}
	return p.number()
}

func (p *parser) number() (any, error) {
	end := 0
	for end < len(p.rest) && strings.IndexByte("+-.0123456789eE", p.rest[end]) >= 0 {
		end++
	}
	token := p.rest[:end]
	p.rest = p.rest[end:]
	if strings.ContainsAny(token, ".eE") {
		f, err := strconv.ParseFloat(token, 64)
		if errors.Is(err, strconv.ErrRange) {
			err = nil // infinite, as the nearest double
		}
		return f, err
	}
	if i, err := strconv.ParseInt(token, 10, 64); err == nil {
		return i, nil
	}
	if i, ok := new(big.Int).SetString(token, 10); ok {
		return i, nil
	}
	return nil, fmt.Errorf("no value: %.20q", token+p.rest)
}

func (p *parser) text() (string, error) {
	end, escaped := 1, false
	for ; end < len(p.rest) && p.rest[end] != '"'; end++ {
		if p.rest[end] == '\\' {
			escaped = true
			end++
		}
	}
	if end >= len(p.rest) {
		return "", errors.New("a text does not end")
	}
	quoted := p.rest[:end+1]
	p.rest = p.rest[end+1:]
	if !escaped {
		return quoted[1:end], nil
	}
	var text string
	err := json.Unmarshal([]byte(quoted), &text)
	return text, err
}

func (p *parser) list() (any, error) {
	list := []any{}
	if p.take("]") {
		return list, nil
	}
	for {
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		list = append(list, item)
		if p.take("]") {
			return list, nil
		}
		if !p.take(",") {
			return nil, errors.New(`"," or "]" is missing`)
		}
	}
}

func (p *parser) object() (any, error) {
	object := map[string]any{}
	if p.take("}") {
		return object, nil
	}
	for {
		if p.space(); !strings.HasPrefix(p.rest, `"`) {
			return nil, errors.New("a key is missing")
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if !p.take(":") {
			return nil, errors.New(`":" is missing`)
		}
		if object[key], err = p.value(); err != nil {
			return nil, err
		}
		if p.take("}") {
			return plain(object), nil
		}
		if !p.take(",") {
			return nil, errors.New(`"," or "}" is missing`)
		}
	}
}

// plain returns the bytes that an object stands for, or else the object.
func plain(object map[string]any) any {
	if text, ok := object[bytesKey].(string); ok && len(object) == 1 {
		if bytes, err := base64.StdEncoding.DecodeString(text); err == nil {
			return bytes
		}
	}
	return object
}
