! Whatever the program rounds, traps or flushes: values and params come back bit for bit.
program test_float
    use aim
    use checks
    use, intrinsic :: ieee_arithmetic
    use, intrinsic :: iso_fortran_env, only: int64, real64
    implicit none
    integer, parameter :: n = 500
    type(ieee_round_type) :: roundings(4)
    type(aim_run) :: run
    integer :: rounding, traps, flush

    roundings = [ieee_nearest, ieee_up, ieee_down, ieee_to_zero]
    call run%open(repo=scratch())
    do rounding = 1, 4
        do traps = 0, 1
            do flush = 0, 1
                call in_mode(rounding, traps == 1, flush == 1)
            end do
        end do
    end do
    call run%close()
    call run%free()
    call finish()

contains

    !> A number without a computation, every other one denormal.
    function value_at(i) result(value)
        integer, intent(in) :: i
        real(real64) :: value
        integer(int64) :: bits
        bits = ieor(ishft(int(i, int64), 37), int(i, int64) * 123456789_int64 + 987654321987_int64)
        bits = ibits(bits, 0, 52)
        if (mod(i, 2) == 0) bits = ior(bits, ishft(int(1000 + mod(i, 47), int64), 52))
        value = transfer(bits, value)
    end function

    subroutine in_mode(rounding, traps, flush)
        integer, intent(in) :: rounding
        logical, intent(in) :: traps, flush
        type(ieee_status_type) :: before
        real(real64) :: back(n), single
        real(real64), allocatable :: params(:)
        integer :: i, wrong
        character(40) :: mode
        write (mode, '(a, i0, 2(a, l1))') 'rounding ', rounding, ', traps ', traps, ', flush ', flush
        call ieee_get_status(before)
        call ieee_set_rounding_mode(roundings(rounding))
        if (flush .and. ieee_support_underflow_control(single)) call ieee_set_underflow_mode(.false.)
        if (traps) call ieee_set_halting_mode(ieee_all, .true.)

        do i = 1, n
            call run%track(mode, value_at(i), i)
            back(i) = value_at(i)
        end do
        call run%set_param('values', back)
        call run%set_param_json('object', aim_object('x', value_at(8), 'tenth', transfer(4591870180066957722_int64, single)))
        call run%get_param('values', params)
        wrong = count(transfer(params, [0_int64]) /= transfer(back, [0_int64]))
        call run%get_param('/object/x', single)
        if (transfer(single, 0_int64) /= transfer(value_at(8), 0_int64)) wrong = wrong + 1

        call ieee_set_status(before)
        call check(wrong == 0, 'params with '//mode)
        call check_text(run%param_json('/object/tenth'), '0.1', 'a tenth with '//mode)
        call check_values(mode)
    end subroutine

    subroutine check_values(mode)
        character(*), intent(in) :: mode
        type(aim_repo) :: repo
        type(aim_query) :: found
        type(aim_values) :: points
        integer :: i, wrong
        call repo%open(scratch())
        call repo%query_metrics("metric.name == '"//trim(mode)//"'", found)
        points = found%values(1)
        wrong = 0
        do i = 1, n
            if (transfer(points%values(i), 0_int64) /= transfer(value_at(i), 0_int64)) wrong = wrong + 1
        end do
        call check(wrong == 0 .and. size(points%values) == n, 'values with '//mode)
        call found%free()
        call repo%free()
    end subroutine
end program
