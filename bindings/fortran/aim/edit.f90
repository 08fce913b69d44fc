! Changes of stored runs.
module aim_edits
    use, intrinsic :: iso_c_binding, only: c_associated, c_bool, c_char, c_int32_t, c_null_ptr, c_ptr
    use aim_arguments, only: lent
    use aim_c
    use aim_errors, only: settle
    implicit none
    private

    !> Changes of stored runs, collected to be made together by repo%edit_run or repo%edit_runs. One that is given back by
    !> free() begins anew.
    type, public :: aim_edit
        !> The handle of the C interface; c_null_ptr while there is no change.
        type(c_ptr) :: handle = c_null_ptr
    contains
        procedure :: set_name, set_description, set_experiment, set_archived, add_tag, remove_tag
        procedure :: set_param_json, delete_param
        procedure :: add_note, set_note, delete_note
        procedure :: drop_metric
        procedure :: free => free_edit
        procedure, private :: refuse_copy
        generic, public :: assignment(=) => refuse_copy
        final :: finish
    end type

    abstract interface
        function text_change(edit, text, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit, text
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: text_change
        end function
        function two_texts_change(edit, first, second, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit, first, second
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: two_texts_change
        end function
    end interface

contains

    !> Renames the runs.
    subroutine set_name(self, name, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        character(*), intent(in) :: name
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call change(aim_edit_set_name, self, 'the name', name, stat, errmsg)
    end subroutine

    !> Describes the runs.
    subroutine set_description(self, description, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        character(*), intent(in) :: description
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call change(aim_edit_set_description, self, 'the description', description, stat, errmsg)
    end subroutine

    !> Moves the runs to another experiment.
    subroutine set_experiment(self, experiment, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        character(*), intent(in) :: experiment
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call change(aim_edit_set_experiment, self, 'the experiment', experiment, stat, errmsg)
    end subroutine

    !> Adds a tag; nothing happens to runs that have it.
    subroutine add_tag(self, tag, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        character(*), intent(in) :: tag
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call change(aim_edit_add_tag, self, 'the tag', tag, stat, errmsg)
    end subroutine

    !> Removes a tag; nothing happens to runs that do not have it.
    subroutine remove_tag(self, tag, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        character(*), intent(in) :: tag
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call change(aim_edit_remove_tag, self, 'the tag', tag, stat, errmsg)
    end subroutine

    !> Deletes a param with all below it.
    subroutine delete_param(self, key, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        character(*), intent(in) :: key
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call change(aim_edit_delete_param, self, 'the key', key, stat, errmsg)
    end subroutine

    !> Adds a note.
    subroutine add_note(self, text, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        character(*), intent(in) :: text
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call change(aim_edit_add_note, self, 'the text', text, stat, errmsg)
    end subroutine

    !> Archives the runs or brings them back.
    subroutine set_archived(self, archived, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        logical, intent(in) :: archived
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        err = c_null_ptr
        if (begun(self, stat, errmsg)) then
            status = aim_edit_set_archived(self%handle, logical(archived, c_bool), err)
            call settle(status, err, stat, errmsg)
        end if
    end subroutine

    !> Sets a param to a JSON value; `key` is a top-level key or a JSON Pointer.
    subroutine set_param_json(self, key, json, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        character(*), intent(in) :: key, json
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call change_two(aim_edit_set_param, self, 'the key', key, 'the value', json, stat, errmsg)
    end subroutine

    !> Replaces the text of a note; the one before stays in its history.
    subroutine set_note(self, number, text, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        integer, intent(in) :: number
        character(*), intent(in) :: text
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_text
        type(c_ptr) :: address, err
        integer(c_int32_t) :: status
        if (.not. lent('the text', text, c_text, address, stat, errmsg)) return
        if (.not. begun(self, stat, errmsg)) return
        err = c_null_ptr
        status = aim_edit_set_note(self%handle, int(number, c_int32_t), address, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Deletes a note.
    subroutine delete_note(self, number, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        integer, intent(in) :: number
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        if (.not. begun(self, stat, errmsg)) return
        err = c_null_ptr
        status = aim_edit_delete_note(self%handle, int(number, c_int32_t), err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Deletes a metric with all its points, in every context or in this one, a JSON object as aim_object makes it.
    subroutine drop_metric(self, name, context, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        character(*), intent(in) :: name
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call change_two(aim_edit_drop_metric, self, 'the name', name, 'the context', context, stat, errmsg)
    end subroutine

    !> Gives the changes back; nothing happens if there are none.
    subroutine free_edit(self)
        class(aim_edit), intent(inout) :: self
        call aim_edit_free(self%handle)
        self%handle = c_null_ptr
    end subroutine

    subroutine refuse_copy(left, right)
        class(aim_edit), intent(inout) :: left
        class(aim_edit), intent(in) :: right
        if (.not. same_type_as(left, right)) error stop
        error stop 'aim: an edit cannot be assigned; pass it as an argument, or by a pointer'
    end subroutine

    impure elemental subroutine finish(self)
        type(aim_edit), intent(inout) :: self
        call self%free()
    end subroutine

    !> Makes the handle with the first change.
    logical function begun(self, stat, errmsg)
        class(aim_edit), intent(inout) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        begun = c_associated(self%handle)
        if (begun) return
        err = c_null_ptr
        status = aim_edit_new(self%handle, err)
        begun = status == AIM_OK
        if (.not. begun) call settle(status, err, stat, errmsg)
    end function

    subroutine change(make, self, what, text, stat, errmsg)
        procedure(text_change) :: make
        class(aim_edit), intent(inout) :: self
        character(*), intent(in) :: what, text
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_text
        type(c_ptr) :: address, err
        integer(c_int32_t) :: status
        if (.not. lent(what, text, c_text, address, stat, errmsg)) return
        if (.not. begun(self, stat, errmsg)) return
        err = c_null_ptr
        status = make(self%handle, address, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    subroutine change_two(make, self, what, text, what_else, other, stat, errmsg)
        procedure(two_texts_change) :: make
        class(aim_edit), intent(inout) :: self
        character(*), intent(in) :: what, text, what_else
        character(*), intent(in), optional :: other
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_text, c_other
        type(c_ptr) :: address, other_address, err
        integer(c_int32_t) :: status
        if (.not. lent(what, text, c_text, address, stat, errmsg)) return
        if (.not. lent(what_else, other, c_other, other_address, stat, errmsg)) return
        if (.not. begun(self, stat, errmsg)) return
        err = c_null_ptr
        status = make(self%handle, address, other_address, err)
        call settle(status, err, stat, errmsg)
    end subroutine
end module aim_edits
