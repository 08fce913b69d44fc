! Artifacts: files and directories that a run makes or uses.
module aim_artifacts
    use, intrinsic :: iso_c_binding, only: c_char, c_int32_t, c_int64_t, c_loc, c_null_ptr, c_ptr, c_sizeof
    use, intrinsic :: iso_fortran_env, only: int64, real64
    use aim_arguments, only: carry_out, lent
    use aim_c
    use aim_errors, only: settle
    use aim_handing, only: number
    use aim_json_text, only: member, member_integer, member_text, split, split_strings
    use aim_kinds, only: run_kinds
    use aim_text, only: aim_string, take
    implicit none
    private

    !> A version of what a run logged, or what is to become one. What is not known is '' or 0, unless said otherwise.
    type, public :: aim_artifact
        character(:), allocatable :: name
        !> Counted from 0 within the run and name; -1 until it is summed.
        integer :: version = -1
        !> 'model', 'checkpoint', 'dataset', ...
        character(:), allocatable :: kind
        !> Where it was logged, and where its bytes are now.
        character(:), allocatable :: path, content
        !> Bytes.
        integer(int64) :: size = 0
        !> Nanoseconds since 1970-01-01 UTC.
        integer(int64) :: mtime = 0
        !> SHA-256 in hex digits; of a directory that of its list of files.
        character(:), allocatable :: checksum
        !> How many a directory has.
        integer(int64) :: files = 0
        !> At which it was made; AIM_STEP_AUTO if that was not said.
        integer(int64) :: step = AIM_STEP_AUTO
        !> When it was logged: seconds since 1970-01-01 UTC.
        real(real64) :: time = 0
        !> A JSON object.
        character(:), allocatable :: metadata
        !> 'best', 'latest', ...
        type(aim_string), allocatable :: aliases(:)
        !> 'reference', 'link' or 'copy'.
        character(:), allocatable :: mode
        !> To where it was pushed.
        character(:), allocatable :: uri
        !> 'stored', 'queued', or 'failed: ' and why.
        character(:), allocatable :: state
    end type

    !> What a check of an artifact found.
    type, public :: aim_verified_artifact
        character(:), allocatable :: name
        !> -1 if it has none.
        integer :: version = -1
        !> 'intact', 'changed', 'missing' or 'unknown'.
        character(:), allocatable :: found
        !> More of it in words, unless it is intact.
        character(:), allocatable :: detail
    end type

    !> A run that uses an artifact.
    type, public :: aim_artifact_user
        !> Its hash.
        character(:), allocatable :: run
        !> The version that it used; -1 if it used the same bytes under another name.
        integer :: version = -1
        !> When it said so: seconds since 1970-01-01 UTC.
        real(real64) :: time = 0
    end type

    !> What a run does with artifacts.
    type, extends(run_kinds), abstract, public :: run_artifacts
    contains
        procedure :: log_artifact, set_artifacts_uri, use_artifact
    end type

    !> What a repository does with artifacts. A version is named 'RUN/NAME', the latest, 'RUN/NAME:v3' or 'RUN/NAME:best', where
    !> RUN is a hash.
    type, abstract, public :: repo_artifacts
        !> The handle of the C interface, which stays the repository's; c_null_ptr while it is not open.
        type(c_ptr) :: handle = c_null_ptr
    contains
        procedure :: artifacts, verify_artifacts, artifact_users
        procedure :: fetch_artifact, alias_artifact, delete_artifact
    end type

    abstract interface
        function json_reader(repo, text, json, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo, text
            type(c_ptr), intent(inout) :: json, err
            integer(c_int32_t) :: json_reader
        end function
    end interface

contains

    !> Logs a file or directory: a version of the run's artifact `name`, which is the last part of the path unless said
    !> otherwise. `kind` is 'model', 'checkpoint', 'dataset', ...; `metadata` a JSON object as aim_object makes it; `aliases`
    !> are more names for the version, separated by commas; `step` is that at which it was made. `mode` says what becomes of
    !> the file: AIM_ARTIFACT_REFERENCE, it stays where it is; AIM_ARTIFACT_LINK, it gets a second name in the repository, and
    !> may go; AIM_ARTIFACT_COPY. With checksum=.false. size and time serve in place of the SHA-256. The call returns at
    !> once, and close() waits until all is copied and summed; with `wait` the call does.
    subroutine log_artifact(self, path, name, kind, metadata, aliases, step, mode, checksum, wait, stat, errmsg)
        class(run_artifacts), intent(in) :: self
        character(*), intent(in) :: path
        character(*), intent(in), optional :: name, kind, metadata, aliases
        class(*), intent(in), optional :: step
        integer, intent(in), optional :: mode
        logical, intent(in), optional :: checksum, wait
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_artifact_options), target :: options
        character(kind=c_char, len=:), allocatable, target :: c_path, c_name, c_kind, c_metadata, c_aliases
        integer(c_int64_t) :: at
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        if (.not. lent('the path', path, c_path, options%path, stat, errmsg)) return
        if (.not. lent('the name', name, c_name, options%name, stat, errmsg)) return
        if (.not. lent('the kind', kind, c_kind, options%kind, stat, errmsg)) return
        if (.not. lent('the metadata', metadata, c_metadata, options%metadata, stat, errmsg)) return
        if (.not. lent('the aliases', aliases, c_aliases, options%aliases, stat, errmsg)) return
        at = AIM_STEP_AUTO
        if (.not. number('step', step, at, stat, errmsg)) return
        options%struct_size = c_sizeof(options)
        options%step = at
        options%mode = AIM_ARTIFACT_REFERENCE
        if (present(mode)) options%mode = int(mode, c_int32_t)
        if (present(checksum)) options%no_checksum = merge(0_c_int32_t, 1_c_int32_t, checksum)
        if (present(wait)) options%wait = merge(1_c_int32_t, 0_c_int32_t, wait)
        err = c_null_ptr
        status = aim_run_log_artifact(self%handle, c_loc(options), err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Notes where the run's artifacts belong, for whoever sends them there: 's3://bucket/path' or 'file:///path'.
    subroutine set_artifacts_uri(self, uri, stat, errmsg)
        class(run_artifacts), intent(in) :: self
        character(*), intent(in) :: uri
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call carry_out(aim_run_set_artifacts_uri, self%handle, 'the uri', uri, stat, errmsg)
    end subroutine

    !> Notes that the run uses an artifact of its repository: 'RUN/NAME', 'RUN/NAME:v3' or 'RUN/NAME:best'.
    subroutine use_artifact(self, reference, stat, errmsg)
        class(run_artifacts), intent(in) :: self
        character(*), intent(in) :: reference
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call carry_out(aim_run_use_artifact, self%handle, 'the reference', reference, stat, errmsg)
    end subroutine

    !> Lists what a run logged: the versions of each name, oldest first, then what is not summed yet.
    subroutine artifacts(self, run_hash, all, stat, errmsg)
        class(repo_artifacts), intent(in) :: self
        character(*), intent(in) :: run_hash
        type(aim_artifact), allocatable, intent(out) :: all(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_string), allocatable :: objects(:)
        character(:), allocatable :: aliases
        integer :: i
        call read_list(aim_repo_artifacts, self, 'the hash', run_hash, objects, stat, errmsg)
        allocate (all(size(objects)))
        do i = 1, size(objects)
            associate (object => objects(i)%text, one => all(i))
                call member_text(object, 'name', one%name)
                one%version = version(object)
                call member_text(object, 'type', one%kind)
                call member_text(object, 'path', one%path)
                call member_text(object, 'content', one%content)
                call member_integer(object, 'size', one%size)
                call member_integer(object, 'mtime', one%mtime)
                call member_text(object, 'checksum', one%checksum)
                call member_integer(object, 'files', one%files)
                call member_integer(object, 'step', one%step)
                one%time = seconds(object)
                call member(object, 'metadata', one%metadata)
                call member(object, 'aliases', aliases)
                call split_strings(aliases, one%aliases)
                call member_text(object, 'mode', one%mode)
                call member_text(object, 'uri', one%uri)
                call member_text(object, 'state', one%state)
            end associate
        end do
    end subroutine

    !> Reads all artifacts of a run and compares them with what was logged.
    subroutine verify_artifacts(self, run_hash, all, stat, errmsg)
        class(repo_artifacts), intent(in) :: self
        character(*), intent(in) :: run_hash
        type(aim_verified_artifact), allocatable, intent(out) :: all(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_string), allocatable :: objects(:)
        integer :: i
        call read_list(aim_repo_verify_artifacts, self, 'the hash', run_hash, objects, stat, errmsg)
        allocate (all(size(objects)))
        do i = 1, size(objects)
            associate (object => objects(i)%text, one => all(i))
                call member_text(object, 'name', one%name)
                one%version = version(object)
                call member_text(object, 'found', one%found)
                call member_text(object, 'detail', one%detail)
            end associate
        end do
    end subroutine

    !> Lists the runs that use an artifact, in any version, or the same bytes under another name.
    subroutine artifact_users(self, reference, all, stat, errmsg)
        class(repo_artifacts), intent(in) :: self
        character(*), intent(in) :: reference
        type(aim_artifact_user), allocatable, intent(out) :: all(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_string), allocatable :: objects(:)
        integer :: i
        call read_list(aim_repo_artifact_users, self, 'the reference', reference, objects, stat, errmsg)
        allocate (all(size(objects)))
        do i = 1, size(objects)
            call member_text(objects(i)%text, 'run', all(i)%run)
            all(i)%version = version(objects(i)%text)
            all(i)%time = seconds(objects(i)%text)
        end do
    end subroutine

    !> Copies an artifact into the directory `into`, which is made if it is missing, once its bytes are checked; `path` is
    !> where it is then.
    subroutine fetch_artifact(self, reference, into, path, stat, errmsg)
        class(repo_artifacts), intent(in) :: self
        character(*), intent(in) :: reference, into
        character(:), allocatable, intent(out), optional :: path
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_reference, c_into
        character(:), allocatable :: text
        type(c_ptr) :: reference_address, into_address, address, err
        integer(c_int32_t) :: status
        if (present(path)) path = ''
        if (.not. lent('the reference', reference, c_reference, reference_address, stat, errmsg)) return
        if (.not. lent('the directory', into, c_into, into_address, stat, errmsg)) return
        address = c_null_ptr
        err = c_null_ptr
        status = aim_repo_fetch_artifact(self%handle, reference_address, into_address, address, err)
        call take(address, text)
        if (present(path)) path = text
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Gives a version one more name, which it takes from another one.
    subroutine alias_artifact(self, reference, alias, stat, errmsg)
        class(repo_artifacts), intent(in) :: self
        character(*), intent(in) :: reference, alias
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_reference, c_alias
        type(c_ptr) :: reference_address, alias_address, err
        integer(c_int32_t) :: status
        if (.not. lent('the reference', reference, c_reference, reference_address, stat, errmsg)) return
        if (.not. lent('the alias', alias, c_alias, alias_address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_repo_alias_artifact(self%handle, reference_address, alias_address, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Deletes a version with what is kept of it.
    subroutine delete_artifact(self, reference, stat, errmsg)
        class(repo_artifacts), intent(in) :: self
        character(*), intent(in) :: reference
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call carry_out(aim_repo_delete_artifact, self%handle, 'the reference', reference, stat, errmsg)
    end subroutine

    !> The objects of the JSON list that a call answers about something named; none if it fails.
    subroutine read_list(reader, self, what, named, objects, stat, errmsg)
        procedure(json_reader) :: reader
        class(repo_artifacts), intent(in) :: self
        character(*), intent(in) :: what, named
        type(aim_string), allocatable, intent(inout) :: objects(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_named
        character(:), allocatable :: json
        type(c_ptr) :: address, text, err
        integer(c_int32_t) :: status
        call split('', objects)
        if (.not. lent(what, named, c_named, address, stat, errmsg)) return
        text = c_null_ptr
        err = c_null_ptr
        status = reader(self%handle, address, text, err)
        call take(text, json)
        call split(json, objects)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> The member `version`; -1 of what is not summed yet.
    integer function version(object)
        character(*), intent(in) :: object
        integer(int64) :: number
        number = -1
        call member_integer(object, 'version', number)
        version = int(number)
    end function

    !> The member `time`, which is in microseconds.
    real(real64) function seconds(object)
        character(*), intent(in) :: object
        integer(int64) :: microseconds
        microseconds = 0
        call member_integer(object, 'time', microseconds)
        seconds = real(microseconds, real64) / 1e6_real64
    end function
end module aim_artifacts
