! How a query is asked.
module aim_asking
    use, intrinsic :: iso_c_binding, only: c_bool, c_char, c_f_pointer, c_funloc, c_int32_t, c_int64_t, c_loc, &
        c_null_char, c_ptr, c_size_t, c_sizeof
    use, intrinsic :: iso_fortran_env, only: int64, real64
    use aim_arguments, only: lent
    use aim_c
    use aim_errors, only: fail
    use aim_text, only: decimal
    implicit none
    private
    public :: aim_query_progress, prepared

    !> What a query may cost; 0: the default. A query that needs more is AIM_ERR_LIMIT, a row that does a failure.
    type, public :: aim_query_bounds
        !> Seconds that the query may take: 60 by default.
        real(real64) :: timeout = 0
        !> Steps of all rows, and of one: 10**9 and 10**6.
        integer(int64) :: max_steps = 0, max_row_steps = 0
        !> Bytes of the values that a row makes: 2**24.
        integer(int64) :: max_row_memory = 0
        !> Rows of the answer, and the bytes that they take: 10**7 and 2**30.
        integer(int64) :: max_rows = 0, max_memory = 0
    end type

    abstract interface
        !> Told how far a query is: runs looked at, and runs to look at in all. Setting `cancel` to true cancels the
        !> query: AIM_ERR_CANCELLED. Called by the thread that asks, every few milliseconds at most.
        subroutine aim_query_progress(done, total, cancel)
            import :: int64
            integer(int64), intent(in) :: done, total
            logical, intent(inout) :: cancel
        end subroutine
    end interface

    type :: watcher
        procedure(aim_query_progress), pointer, nopass :: tell => null()
    end type

    !> Options for C, and what they point to.
    type, public :: aim_asked
        type(aim_query_options) :: c
        type(watcher) :: by
        character(kind=c_char, len=:), allocatable :: order_by
        character(kind=c_char), allocatable :: names(:)
        type(c_ptr), allocatable :: columns(:)
    end type

contains

    !> Makes the options of a query. False, and reported as an error, where one cannot be.
    logical function prepared(asked, offset, limit, no_index, progress, bounds, order_by, descending, columns, stat, errmsg)
        type(aim_asked), intent(inout), target :: asked
        integer, intent(in), optional :: offset, limit
        logical, intent(in), optional :: no_index
        procedure(aim_query_progress), optional :: progress
        type(aim_query_bounds), intent(in), optional :: bounds
        character(*), intent(in), optional :: order_by
        logical, intent(in), optional :: descending
        character(*), intent(in), optional :: columns(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        asked%c%struct_size = c_sizeof(asked%c)
        asked%c%json = AIM_JSON_WORDS
        prepared = .false.
        if (.not. positive('offset', offset, asked%c%offset)) return
        if (.not. positive('limit', limit, asked%c%limit)) return
        if (.not. lent('order_by', order_by, asked%order_by, asked%c%order_by, stat, errmsg)) return
        prepared = .true.
        if (present(no_index)) asked%c%no_index = logical(no_index, c_bool)
        if (present(descending)) asked%c%descending = logical(descending, c_bool)
        if (present(columns)) call lend_columns(asked, columns)
        if (present(bounds)) then
            asked%c%timeout = bounds%timeout
            asked%c%max_steps = bounds%max_steps
            asked%c%max_row_steps = bounds%max_row_steps
            asked%c%max_row_memory = bounds%max_row_memory
            asked%c%max_rows = bounds%max_rows
            asked%c%max_memory = bounds%max_memory
        end if
        if (present(progress)) then
            asked%by%tell => progress
            asked%c%progress = c_funloc(tell)
            asked%c%progress_userdata = c_loc(asked%by)
        end if

    contains

        logical function positive(what, number, option)
            character(*), intent(in) :: what
            integer, intent(in), optional :: number
            integer(c_int64_t), intent(inout) :: option
            positive = .true.
            if (.not. present(number)) return
            option = number
            positive = number >= 0
            if (.not. positive) call fail(AIM_ERR_INVALID_ARGUMENT, what//' is '//trim(decimal(number))//', below 0', &
                stat, errmsg)
        end function
    end function

    !> Names of columns, without their trailing blanks, one behind the other.
    subroutine lend_columns(asked, columns)
        type(aim_asked), intent(inout), target :: asked
        character(*), intent(in) :: columns(:)
        integer :: i, k, start
        allocate (asked%columns(max(size(columns), 1)), asked%names(max(size(columns)*(len(columns) + 1), 1)))
        asked%names = c_null_char
        do i = 1, size(columns)
            start = (i - 1)*(len(columns) + 1)
            do k = 1, len_trim(columns(i))
                asked%names(start + k) = columns(i)(k:k)
            end do
            asked%columns(i) = c_loc(asked%names(start + 1))
        end do
        asked%c%columns = c_loc(asked%columns)
        asked%c%columns_len = size(columns, kind=c_size_t)
    end subroutine

    function tell(done, total, userdata) bind(c) result(cancelled)
        integer(c_int64_t), value :: done, total
        type(c_ptr), value :: userdata
        integer(c_int32_t) :: cancelled
        type(watcher), pointer :: by
        logical :: cancel
        call c_f_pointer(userdata, by)
        cancel = .false.
        call by%tell(done, total, cancel)
        cancelled = merge(1_c_int32_t, 0_c_int32_t, cancel)
    end function
end module aim_asking
