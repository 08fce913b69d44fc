! Tracks values in the repository DIRECTORY and reads them back.
program train
    use aim
    use, intrinsic :: iso_fortran_env, only: real64
    implicit none
    type(aim_run) :: run
    type(aim_metric) :: loss
    type(aim_repo) :: repo
    type(aim_query) :: found
    type(aim_values) :: points
    character(1000) :: directory
    integer :: step
    call get_command_argument(1, directory)
    call run%open(repo=directory)
    call run%metric('loss', loss)
    do step = 0, 99
        call loss%track(1.0_real64 / (step + 1), step)
    end do
    call run%close()
    call repo%open(directory)
    call repo%query_metrics('run.hash == "'//run%hash()//'"', found)
    points = found%values(1)
    if (size(points%values) /= 100 .or. abs(points%values(100) - 0.01_real64) > epsilon(1.0_real64)) error stop 1
end program train
