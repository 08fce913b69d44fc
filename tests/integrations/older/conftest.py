import sys
import types

# Launchpad, which starts Acme's distributed programs, and tells a loop in one process when to stop.
launchpad = types.ModuleType("launchpad")
launchpad.register_stop_handler = launchpad.unregister_stop_handler = lambda handler: None
sys.modules.setdefault("launchpad", launchpad)
