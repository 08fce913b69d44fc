! Params: every type in, and back as JSON and as variables.
program test_params
    use aim
    use checks
    use, intrinsic :: ieee_arithmetic, only: ieee_is_nan, ieee_negative_inf, ieee_positive_inf, ieee_quiet_nan, ieee_value
    use, intrinsic :: iso_fortran_env, only: int16, int32, int64, int8, real32, real64
    implicit none
    integer(int64), parameter :: least = ibset(0_int64, 63)
    type(aim_run) :: run
    type(aim_repo) :: repo
    type(aim_query) :: runs
    integer :: stat
    character(300) :: errmsg

    call run%open(repo=scratch())
    call as_json()
    call as_variables()
    call mismatches()
    call bytes()
    call objects()
    call errors()
    call repo%open(scratch())
    call repo%query_runs('run.hash == "'//run%hash()//'"', runs)
    call of_a_row()
    call run%close()
    call runs%free()
    call repo%free()
    call run%free()
    call finish()

contains

    subroutine as_json()
        real(real64) :: none(0)
        character(20) :: padded
        call run%set_param_null('null')
        call run%set_param('true', .true.)
        call run%set_param('false', .false.)
        call run%set_param('int32', -42)
        call run%set_param('int64', 9007199254740993_int64)
        call run%set_param('least', least)
        call run%set_param('double', 0.1_real64)
        call run%set_param('single', 0.5_real32)
        call run%set_param('nan', ieee_value(0.0_real64, ieee_quiet_nan))
        padded = 'ünï "code" \ '//achar(9)//'✓'
        call run%set_param('text', padded)
        call run%set_param('integers', [1, 2, 3])
        call run%set_param('longs', [1_int64, 9007199254740993_int64])
        call run%set_param('reals', [0.1_real64, 2.0_real64, ieee_value(0.0_real64, ieee_positive_inf), &
            ieee_value(0.0_real64, ieee_negative_inf), ieee_value(0.0_real64, ieee_quiet_nan)])
        call run%set_param('singles', [0.5, 1.5])
        call run%set_param('none', none)
        call run%set_param_json('hparams', '{"lr": 1e-4, "layers": [64, 10]}')
        call run%set_param('/hparams/lr', 3e-4_real64)
        call run%set_param('/hparams/layers/-', 5)
        call run%set_param('a.b/c   ', 'the key keeps no blanks')
        call check_text(run%param_json('null'), 'null', 'null')
        call check_text(run%param_json('true'), 'true', 'true')
        call check_text(run%param_json('false'), 'false', 'false')
        call check_text(run%param_json('int32'), '-42', 'int32')
        call check_text(run%param_json('int64'), '9007199254740993', 'int64')
        call check_text(run%param_json('least'), '-9223372036854775808', 'the least integer')
        call check_text(run%param_json('double'), '0.1', 'real64')
        call check_text(run%param_json('single'), '0.5', 'real32')
        call check_text(run%param_json('nan'), 'NaN', 'NaN')
        call check_text(run%param_json('text'), '"ünï \"code\" \\ \t✓"', 'text without trailing blanks')
        call check_text(run%param_json('integers'), '[1,2,3]', 'int32 array')
        call check_text(run%param_json('longs'), '[1,9007199254740993]', 'int64 array')
        call check_text(run%param_json('reals'), '[0.1,2.0,Infinity,-Infinity,NaN]', 'real64 array')
        call check_text(run%param_json('singles'), '[0.5,1.5]', 'real32 array')
        call check_text(run%param_json('none'), '[]', 'an empty array')
        call check_text(run%param_json('hparams'), '{"lr":0.0003,"layers":[64,10,5]}', 'a tree')
        call check_text(run%param_json('a.b/c'), '"the key keeps no blanks"', 'a key with a dot and a slash')
        call check(index(run%params_json(), '"hparams":{"lr"') > 0 .and. index(run%params_json(), '"null":null') > 0, &
            'all params')
        call run%delete_param('none')
        errmsg = ''
        call check_text(run%param_json('none', stat, errmsg), '', 'a deleted param')
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'is not found', 'none')
    end subroutine

    subroutine as_variables()
        real(real64) :: double
        real(real32) :: single
        integer(int32) :: int
        integer(int64) :: long
        logical :: flag
        character(:), allocatable :: text
        real(real64), allocatable :: doubles(:)
        integer(int64), allocatable :: longs(:)
        integer(int32), allocatable :: ints(:)
        call run%get_param('/hparams/lr', double)
        call check(double == 3e-4_real64, 'real64')
        call run%get_param('/hparams/lr', single)
        call check(single == 3e-4_real32, 'real32')
        call run%get_param('int32', double)
        call check(double == -42, 'an integer fits a real')
        call run%get_param('nan', double)
        call check(ieee_is_nan(double), 'NaN')
        call run%get_param('int32', int)
        call check(int == -42, 'int32')
        call run%get_param('int64', long)
        call check(long == 9007199254740993_int64, 'int64')
        call run%get_param('least', long)
        call check(long == least, 'the least integer')
        call run%get_param('true', flag)
        call check(flag, 'true')
        call run%get_param('false', flag)
        call check(.not. flag, 'false')
        call run%get_param('text', text)
        call check_text(text, 'ünï "code" \ '//achar(9)//'✓', 'text')
        call run%set_param_json('escapes', '"\u0000\u00e9\u2713\ud83d\ude00\n\b\f\r\/ "')
        call run%get_param('escapes', text)
        call check_text(text, achar(0)//'é✓😀'//achar(10)//achar(8)//achar(12)//achar(13)//'/ ', 'escapes')
        call run%get_param('reals', doubles)
        call check(size(doubles) == 5, 'real64 array')
        call check(all(doubles(:2) == [0.1_real64, 2.0_real64]) .and. doubles(3) > huge(double) .and. &
            doubles(4) < -huge(double) .and. ieee_is_nan(doubles(5)), 'its values')
        call run%get_param('longs', longs)
        call check(all(longs == [1_int64, 9007199254740993_int64]), 'int64 array')
        call run%get_param('integers', ints)
        call check(all(ints == [1, 2, 3]), 'int32 array')
        call run%get_param('integers', doubles)
        call check(all(doubles == [1, 2, 3]), 'integers as reals')
        call run%set_param_json('empty', '[]')
        call run%get_param('empty', ints)
        call check(size(ints) == 0, 'an empty array')
    end subroutine

    subroutine mismatches()
        real(real64) :: double
        integer :: int
        integer(int64) :: long
        logical :: flag
        character(:), allocatable :: text
        real(real64), allocatable :: doubles(:)
        integer, allocatable :: ints(:)
        double = unset
        errmsg = ''
        call run%get_param('text', double, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'a text is no real', 'param ''text'' is "ünï')
        call check(double == unset, 'the variable stays')
        int = unset
        errmsg = ''
        call run%get_param('double', int, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'a real is no integer', '0.1, not an integer of 32 bits')
        errmsg = ''
        call run%get_param('int64', int, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'an integer of 64 bits does not fit 32', '9007199254740993')
        call check(int == unset, 'the variable stays')
        call run%set_param_json('huge', '9223372036854775808')
        errmsg = ''
        call run%get_param('huge', long, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'an integer of 65 bits does not fit 64', '9223372036854775808')
        flag = .true.
        errmsg = ''
        call run%get_param('int32', flag, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'an integer is no logical', 'true or false')
        text = 'as before'
        errmsg = ''
        call run%get_param('int32', text, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'an integer is no text', 'a text')
        call check_text(text, 'as before', 'the variable stays')
        errmsg = ''
        call run%get_param('double', doubles, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'a real is no array', 'an array of numbers')
        call run%set_param_json('mixed', '[1, "2", {"a": [3]}, true]')
        errmsg = ''
        call run%get_param('mixed', doubles, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'not all are numbers')
        call check(.not. allocated(doubles), 'the variable stays')
        errmsg = ''
        call run%get_param('reals', ints, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'not all are integers')
        errmsg = ''
        call run%get_param('nope', double, stat, errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'a param that is not there', 'nope')
    end subroutine

    subroutine bytes()
        integer(int8), parameter :: blob(4) = [0_int8, -1_int8, 7_int8, 127_int8]
        integer(int8) :: none(0)
        call run%set_param_bytes('blob', blob)
        call check(all(run%param_bytes('blob') == blob) .and. size(run%param_bytes('blob')) == 4, 'bytes')
        call run%set_param_bytes('no bytes', none)
        call check(size(run%param_bytes('no bytes')) == 0, 'no bytes')
        call run%set_param_bytes('strided', blob(1:4:3))
        call check(all(run%param_bytes('strided') == [0_int8, 127_int8]), 'a strided array')
        errmsg = ''
        call check(size(run%param_bytes('text', stat, errmsg)) == 0, 'no bytes of a text')
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'it is no bytes')
    end subroutine

    subroutine objects()
        type(aim_json) :: list
        list = aim_json('[1, null]')
        call check_text(plain(aim_object()), '{}', 'an empty object')
        call check_text(plain(aim_object('subset', 'train   ', 'rank', 3)), '{"subset": "train", "rank": 3}', 'a context')
        call check_text(plain(aim_object('a"b', 1_int8, 'c', -2_int16, 'd', 3_int64, 'e', .true., 'f', .false., &
            'g', list, 'h', '"\'//achar(1)//'é')), &
            '{"a\"b": 1, "c": -2, "d": 3, "e": true, "f": false, "g": [1, null], "h": "\"\\\u0001é"}', 'all types')
        call run%set_param_json('object', aim_object('lr', 1e-4_real64, 'half', 0.5, &
            'optimizer', aim_json(aim_object('name', 'adam'))))
        call check_text(run%param_json('object'), '{"lr":0.0001,"half":0.5,"optimizer":{"name":"adam"}}', 'a tree by objects')
        call run%set_param('nested', aim_object('a', aim_object('b', aim_object('c', 1), 'text', '{"d": 2}')))
        call check_text(run%param_json('nested'), '{"a":{"b":{"c":1},"text":"{\"d\": 2}"}}', 'objects in objects, and text')
        call run%set_param('text', '{"d": 2}')
        call check_text(run%param_json('text'), '"{\"d\": 2}"', 'text that looks like an object')
    end subroutine

    !> Without the white space by which aim_object tells its own.
    function plain(json) result(text)
        character(*), intent(in) :: json
        character(:), allocatable :: text
        text = json(1:1)//json(5:)
    end function

    subroutine errors()
        errmsg = ''
        call run%set_param('/integers/9', 1, stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'no such index', '9')
        errmsg = ''
        call run%set_param('k'//achar(0), 1, stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a key with a NUL', 'the key holds a NUL at position 2')
        errmsg = ''
        call run%set_param('k', 'a'//achar(0)//'b', stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a text with a NUL', 'the text holds a NUL')
        errmsg = ''
        call run%set_param_json('k', 'nope', stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'no JSON')
        errmsg = ''
        call run%set_param(repeat('k', 5000), 1.0, stat, errmsg)
        call check_status(stat, AIM_ERR_LIMIT, errmsg, 'a key too long', '5000')
        errmsg = ''
        call run%delete_param('nope', stat, errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'deletes nothing', 'nope')
    end subroutine

    subroutine of_a_row()
        real(real64) :: double
        integer :: int
        character(:), allocatable :: text
        integer(int64), allocatable :: longs(:)
        call check_text(runs%param_json(1, '/hparams/layers'), '[64,10,5]', 'a param of a row')
        call check_text(runs%params_json(1), run%params_json(), 'all params of a row')
        call runs%get_param(1, '/hparams/lr', double)
        call check(double == 3e-4_real64, 'a real of a row')
        call runs%get_param(1, '/object/optimizer/name', text)
        call check_text(text, 'adam', 'a text of a row')
        call runs%get_param(1, 'longs', longs)
        call check(all(longs == [1_int64, 9007199254740993_int64]), 'an array of a row')
        errmsg = ''
        call runs%get_param(1, 'text', int, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'a text is no integer')
        errmsg = ''
        call runs%get_param(1, 'nope', int, stat, errmsg)
        call check_status(stat, AIM_ERR_NOT_FOUND, errmsg, 'a param that is not there')
        errmsg = ''
        call runs%get_param(2, 'int32', int, stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a row that is not there')
        errmsg = ''
        call check_text(runs%params_json(0, stat, errmsg), '', 'row 0')
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'is not there')
    end subroutine
end program test_params
