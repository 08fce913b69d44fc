# Steps through each call in `stop_here` instruction by instruction, until it has come back or 20,000 were too few.
set pagination off
set breakpoint pending on
handle SIGUSR1 SIGUSR2 nostop noprint
break stop_here
run
set $call = 0
while $_isvoid($_exitcode)
    set $frame = $rsp
    set $steps = 0
    while $rsp <= $frame && $steps < 20000
        stepi
        set $steps = $steps + 1
    end
    printf "call %d: %s\n", $call, $rsp > $frame ? "back" : "never back"
    set $call = $call + 1
    continue
end
