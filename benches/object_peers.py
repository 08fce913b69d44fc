"""Pictures in Aim and tensorboardX, beside ours in the same run: CPU of encoding and storing, bytes written, reading back.

usage: object_peers.py OBJECTS-PROGRAM DIRECTORY
"""
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

PICTURES = 1000
READINGS = 7
RANDOM = numpy.random.default_rng(1)


def written():
    with open("/proc/self/io") as file:
        return int(re.search(r"wchar: (\d+)", file.read())[1])


def measured(work):
    """Microseconds of CPU for a picture, and bytes written for a byte of pixels."""
    before, start = written(), time.process_time()
    work()
    return (time.process_time() - start) / PICTURES * 1e6, (written() - before) / PIXELS.nbytes


def aim_pictures(directory):
    import aim

    run = aim.Run(repo=directory, system_tracking_interval=None, capture_terminal_logs=False)

    def work():
        for step, pixels in enumerate(PIXELS):
            run.track(aim.Image(pixels), name="pictures", step=step)

    figures = measured(work)
    run.close()
    # Without its index Aim finds nothing.
    command = [os.path.join(os.path.dirname(sys.executable), "aim"), "storage", "--repo", directory, "reindex"]
    subprocess.run(command, input="y\n", text=True, check=True, capture_output=True)
    return figures


def aim_read(directory):
    """Milliseconds of CPU to query and read the pictures: the first time, and the median of several."""
    program = (
        "import sys, time, aim\n"
        "repo = aim.Repo(sys.argv[1])\n"
        "for _ in range(int(sys.argv[2])):\n"
        "    start, n = time.process_time(), 0\n"
        "    for run in repo.query_images(\"images.name == 'pictures'\").iter_runs():\n"
        "        for sequence in run:\n"
        "            for image in sequence.values:\n"
        "                n += len(image.storage['data'].load()) > 0\n"
        "    print((time.process_time() - start) * 1e3, n)\n"
    )
    command = [sys.executable, "-c", program, directory, str(READINGS)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    times, counts = [float(word) for word in found[-2 * READINGS::2]], found[1 - 2 * READINGS::2]
    assert counts == [str(PICTURES)] * READINGS, f"Aim found {counts} pictures"
    return times[0], statistics.median(times)


def tensorboard_pictures(directory):
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(directory)

    def work():
        for step, pixels in enumerate(PIXELS):
            writer.add_image("pictures", pixels, step, dataformats="HWC")
        writer.close()

    return measured(work)


PIXELS = RANDOM.integers(0, 256, (PICTURES, 64, 64, 3), numpy.uint8)


def main():
    program, directory = sys.argv[1:]
    ours = subprocess.run([program, directory], check=True, capture_output=True, text=True).stdout
    print(ours, end="")
    picture = float(re.search(r"picture of.*?([\d.]+) us", ours)[1])
    # Aim's images are let go of one by one, ours by so many.
    found = re.search(r"queried and read, +128 at once +([\d.]+) ms of CPU, the first time ([\d.]+)", ours)
    later, first = (float(figure) for figure in found.groups())
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        for name, peer in ("Aim", aim_pictures), ("tensorboardX", tensorboard_pictures):
            home = os.path.join(scratch, name)
            cpu, bytes_ = peer(home)
            goal = " (goal >= 20 x)" if name == "Aim" else ""
            print(f"{name}, picture: {cpu:.0f} us of CPU, {cpu / picture:.1f} x{goal}; {bytes_:.2f} bytes written a byte")
        theirs_first, theirs_later = aim_read(os.path.join(scratch, "Aim"))
        print(f"Aim, {PICTURES} pictures read: {theirs_later:.0f} ms of CPU, {theirs_later / later:.1f} x (goal >= 20 x); "
              f"the first time {theirs_first:.0f} ms, {theirs_first / first:.1f} x")


if __name__ == "__main__":
    main()
