# An overlay port: vcpkg install libaim --overlay-ports=SOURCES/packaging/vcpkg. It builds the source tree that it lies in,
# with the Rust of this machine.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
find_program(MAKE make REQUIRED)
find_program(CARGO cargo REQUIRED)

vcpkg_execute_required_process(
    COMMAND "${MAKE}" install "PREFIX=${CURRENT_PACKAGES_DIR}"
    WORKING_DIRECTORY "${SOURCE_PATH}"
    LOGNAME "install-${TARGET_TRIPLET}")

# One library serves programs with and without debug information.
set(VCPKG_BUILD_TYPE release)
set(VCPKG_POLICY_DLLS_IN_STATIC_LIBRARY enabled)

# Of the pages of Aim's web UI; the copyright comes there.
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/libaim")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE" "${CURRENT_PACKAGES_DIR}/share/doc/aim/THIRD-PARTY-NOTICES")
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/doc")
# vcpkg has the files of CMake in share/aim, one folder nearer to the top.
foreach(file aimConfig aimConfigVersion)
    file(RENAME "${CURRENT_PACKAGES_DIR}/lib/cmake/aim/${file}.cmake" "${CURRENT_PACKAGES_DIR}/share/aim/${file}.cmake")
endforeach()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/lib/cmake")
vcpkg_replace_string("${CURRENT_PACKAGES_DIR}/share/aim/aimConfig.cmake" "/../../.." "/../..")
vcpkg_fixup_pkgconfig()
vcpkg_copy_tools(TOOL_NAMES libaim AUTO_CLEAN)
