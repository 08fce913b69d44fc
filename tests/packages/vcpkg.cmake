# cmake -DINTO=DIRECTORY -P tests/packages/vcpkg.cmake - runs the port with what vcpkg gives a port, as far as this one asks
# for it: vcpkg itself comes from neither PyPI nor Debian. The package is in DIRECTORY then.
set(CURRENT_PACKAGES_DIR "${INTO}")
set(PORT libaim)

function(vcpkg_execute_required_process)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "WORKING_DIRECTORY;LOGNAME" "COMMAND")
    execute_process(COMMAND ${arg_COMMAND} WORKING_DIRECTORY "${arg_WORKING_DIRECTORY}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(vcpkg_replace_string file from to)
    file(READ "${file}" text)
    string(FIND "${text}" "${from}" at)
    if(at EQUAL -1)
        message(FATAL_ERROR "${file} has no ${from}")
    endif()
    string(REPLACE "${from}" "${to}" text "${text}")
    file(WRITE "${file}" "${text}")
endfunction()

function(vcpkg_fixup_pkgconfig)
endfunction()

function(vcpkg_copy_tools)
    cmake_parse_arguments(PARSE_ARGV 0 arg "AUTO_CLEAN" "" "TOOL_NAMES")
    foreach(tool ${arg_TOOL_NAMES})
        file(COPY "${CURRENT_PACKAGES_DIR}/bin/${tool}" DESTINATION "${CURRENT_PACKAGES_DIR}/tools/${PORT}")
    endforeach()
endfunction()

function(vcpkg_install_copyright)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
    set(all "")
    foreach(file ${arg_FILE_LIST})
        file(READ "${file}" text)
        string(APPEND all "${text}\n")
    endforeach()
    file(WRITE "${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright" "${all}")
endfunction()

include("${CMAKE_CURRENT_LIST_DIR}/../../packaging/vcpkg/libaim/portfile.cmake")
