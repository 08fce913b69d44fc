//go:build !cgo

package aim

// Without cgo the compiler reports the next line, and nothing else of this package is built.
var _ = This_package_needs_cgo__set_CGO_ENABLED_to_1_and_install_a_C_compiler
