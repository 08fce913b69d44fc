// Package heap tells how much memory C has allocated, for tests.
package heap

// #include <malloc.h>
import "C"

// InUse returns the bytes that malloc gave and nobody freed.
func InUse() int64 {
	info := C.mallinfo2()
	return int64(info.uordblks + info.hblkhd)
}
