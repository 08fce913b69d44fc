! Solves Poisson's equation on the unit square, -Δu = f with u = 0 on the boundary, once by Jacobi's method and once by
! conjugate gradients, tracks the residual of every iteration, keeps the solutions, and reads both runs back.
!
!     gfortran -O2 PREFIX/share/aim/fortran/aim.f90 poisson.f90 -o poisson -L PREFIX/lib -laim && ./poisson [REPO]
module poisson
    use, intrinsic :: iso_fortran_env, only: real64
    implicit none

contains

    !> u(x, y) = x (1 - x²) y (1 - y) on the n by n inner points of a grid.
    function solution(n) result(u)
        integer, intent(in) :: n
        real(real64) :: u(n, n)
        real(real64) :: x(n), y(n)
        integer :: i, j
        x = [(i, i=1, n)] / real(n + 1, real64)
        y = x
        do j = 1, n
            u(:, j) = x * (1 - x**2) * y(j) * (1 - y(j))
        end do
    end function

    !> Its f = -Δu.
    function right_side(n) result(f)
        integer, intent(in) :: n
        real(real64) :: f(n, n)
        real(real64) :: x(n), y(n)
        integer :: i, j
        x = [(i, i=1, n)] / real(n + 1, real64)
        y = x
        do j = 1, n
            f(:, j) = 6 * x * y(j) * (1 - y(j)) + 2 * x * (1 - x**2)
        end do
    end function

    !> The negative Laplacian of u by five points, in units of the grid: times h².
    function laplacian(u) result(a)
        real(real64), intent(in) :: u(:, :)
        real(real64) :: a(size(u, 1), size(u, 2))
        integer :: n
        n = size(u, 1)
        a = 4 * u
        a(2:, :) = a(2:, :) - u(:n - 1, :)
        a(:n - 1, :) = a(:n - 1, :) - u(2:, :)
        a(:, 2:) = a(:, 2:) - u(:, :n - 1)
        a(:, :n - 1) = a(:, :n - 1) - u(:, 2:)
    end function
end module poisson

module solvers
    use, intrinsic :: iso_fortran_env, only: real64
    use aim, only: aim_metric
    use poisson, only: laplacian
    implicit none

contains

    subroutine jacobi(b, tolerance, most, u, residual)
        real(real64), intent(in) :: b(:, :), tolerance
        integer, intent(in) :: most
        real(real64), intent(out) :: u(:, :)
        type(aim_metric), intent(in) :: residual
        real(real64) :: r(size(b, 1), size(b, 2))
        integer :: iteration
        u = 0
        do iteration = 0, most
            r = b - laplacian(u)
            call residual%track(norm2(r) / norm2(b), iteration)
            if (norm2(r) <= tolerance * norm2(b)) return
            u = u + r / 4
        end do
    end subroutine

    subroutine conjugate_gradients(b, tolerance, most, u, residual)
        real(real64), intent(in) :: b(:, :), tolerance
        integer, intent(in) :: most
        real(real64), intent(out) :: u(:, :)
        type(aim_metric), intent(in) :: residual
        real(real64), dimension(size(b, 1), size(b, 2)) :: r, p, q
        real(real64) :: rr, before, alpha
        integer :: iteration
        u = 0
        r = b
        p = r
        rr = sum(r * r)
        do iteration = 0, most
            call residual%track(sqrt(rr) / norm2(b), iteration)
            if (sqrt(rr) <= tolerance * norm2(b)) return
            q = laplacian(p)
            alpha = rr / sum(p * q)
            u = u + alpha * p
            r = r - alpha * q
            before = rr
            rr = sum(r * r)
            p = r + rr / before * p
        end do
    end subroutine
end module solvers

program main
    use, intrinsic :: iso_fortran_env, only: real64
    use aim
    use poisson
    use solvers
    implicit none
    integer, parameter :: n = 31
    real(real64), parameter :: tolerance = 1e-8_real64
    character(1000) :: repo
    call get_command_argument(1, repo)
    if (repo == '') repo = '.'
    call solve('jacobi')
    call solve('cg')
    call report()

contains

    subroutine solve(method)
        character(*), intent(in) :: method
        type(aim_run) :: run
        type(aim_metric) :: residual
        real(real64) :: b(n, n), u(n, n)
        call run%open(repo=repo, experiment='poisson')
        call run%set_param('solver', method)
        call run%set_param('grid', [n, n])
        call run%set_param('tolerance', tolerance)
        call run%metric('residual', residual)
        b = right_side(n) / (n + 1)**2
        select case (method)
        case ('jacobi')
            call jacobi(b, tolerance, 10000, u, residual)
        case ('cg')
            call conjugate_gradients(b, tolerance, 10000, u, residual)
        end select
        call run%track('error', maxval(abs(u - solution(n))))
        call keep(run, u)
        call run%close()
    end subroutine

    !> Writes a solution to a file, which the repository keeps.
    subroutine keep(run, u)
        type(aim_run), intent(in) :: run
        real(real64), intent(in) :: u(:, :)
        character(:), allocatable :: file
        integer :: unit
        file = trim(repo)//'/solution.dat'
        open (newunit=unit, file=file, access='stream', status='replace', action='write')
        write (unit) u
        close (unit)
        call run%log_artifact(file, name='solution', kind='field', mode=AIM_ARTIFACT_LINK)
        open (newunit=unit, file=file)
        close (unit, status='delete') ! the repository has it under a name of its own
    end subroutine

    subroutine report()
        type(aim_repo) :: opened
        type(aim_query) :: found
        type(aim_metric_info) :: residual
        type(aim_artifact), allocatable :: kept(:)
        character(:), allocatable :: solver
        integer :: row
        call opened%open(repo)
        call opened%query_metrics('run.experiment == "poisson" and metric.name == "residual"', found)
        do row = 1, found%size()
            residual = found%metric_info(row)
            call found%get_param(row, 'solver', solver)
            print '(3a, i0, a, es8.1)', 'run ', found%run_hash(row), ': '//solver//' took ', residual%last_step, &
                ' iterations to a residual of', residual%last
            call opened%artifacts(found%run_hash(row), kept)
            print '(2a, i0, a)', '    ', kept(1)%name//' v', kept(1)%version, ' is '//kept(1)%state
        end do
    end subroutine
end program main
