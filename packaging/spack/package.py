# Copyright Spack Project Developers. See COPYRIGHT file for details.
#
# SPDX-License-Identifier: (Apache-2.0 OR MIT)

from spack.package import *


class Libaim(MakefilePackage):
    """Records machine-learning experiments from the program that runs them: params, metrics, logs and objects by a C
    interface, with bindings for C++, Fortran, Go, Julia and Python, and a program that shows them."""

    homepage = "https://github.com/libaim/libaim"
    git = "https://github.com/libaim/libaim.git"

    license("Apache-2.0")

    version("main", branch="main")
    version("0.1.0", tag="v0.1.0")

    conflicts("platform=darwin", msg="libaim is for Linux")
    conflicts("platform=windows", msg="libaim is for Linux")

    depends_on("c", type="build")
    depends_on("rust@1.95:", type="build")
    depends_on("gmake", type="build")
    depends_on("binutils", type="build")
    depends_on("python@3.9:", type="build")

    # `make` fetches what Cargo.lock names.
    def build(self, spec, prefix):
        make()

    def install(self, spec, prefix):
        make("install", f"PREFIX={prefix}")

    def setup_dependent_build_environment(self, env, dependent_spec):
        env.prepend_path("PKG_CONFIG_PATH", self.prefix.lib.pkgconfig)

    def setup_run_environment(self, env):
        env.prepend_path("JULIA_LOAD_PATH", self.prefix.share.aim.julia)

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def check_install(self):
        program = which(self.prefix.bin.libaim)
        program("--version")
