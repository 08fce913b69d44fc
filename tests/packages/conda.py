"""conda.py RECIPE VERSION - rattler-build parses the recipe and renders it for Linux as this version."""

import sys

from rattler_build import PlatformConfig, RenderConfig, Stage0Recipe, VariantConfig

recipe = Stage0Recipe.from_file(sys.argv[1])
variants = VariantConfig({"c_compiler": ["gcc"], "rust_compiler": ["rust"], "c_stdlib": ["sysroot"]})
rendered = recipe.render(variants, RenderConfig(platform=PlatformConfig(target_platform="linux-64")))
packages = [variant.recipe.package for variant in rendered]
assert [(str(package.name), str(package.version)) for package in packages] == [("libaim", sys.argv[2])], packages
