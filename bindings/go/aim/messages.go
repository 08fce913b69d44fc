package aim

// #include "capi.h"
import "C"

import "sync/atomic"

var messages atomic.Pointer[func(Level, string)]

// SetLogCallback sends the library's messages of level and above, such as trouble in the background, to callback; nil
// silences it, which is how it starts. The callback may run on any goroutine, also on several at once, and once more
// while it is being replaced. It must not panic.
func SetLogCallback(level Level, callback func(Level, string)) {
	if callback == nil {
		C.aim_go_listen(0)
		messages.Store(nil)
		return
	}
	messages.Store(&callback)
	C.aim_go_listen(C.int32_t(level))
}

//export aimGoLog
func aimGoLog(level C.int32_t, message *C.char) {
	// A panic must not unwind the library's stack: it ends the program from a stack of its own.
	defer func() {
		if panicked := recover(); panicked != nil {
			go panic(panicked)
		}
	}()
	if callback := messages.Load(); callback != nil {
		(*callback)(Level(level), C.GoString(message))
	}
}
