module github.com/libaim/libaim/bindings/go

go 1.24
