! What Fortran prints goes through its own runtime library, not the C library's streams.
subroutine fortran_lines(count) bind(c)
    use iso_c_binding, only: c_int
    use iso_fortran_env, only: output_unit
    integer(c_int), value :: count
    integer :: i
    do i = 1, count
        write (*, '(a, i0)') 'fortran line ', i
    end do
    flush (output_unit)
end subroutine
