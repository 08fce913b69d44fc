module example.org/train

go 1.24

require github.com/libaim/libaim/bindings/go v0.0.0
