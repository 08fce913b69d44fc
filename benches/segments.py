"""A job of many processes, for benches: a segment that a program wrote, again and again as those of others."""
import json
import os
import struct
import subprocess
import sys

import xxhash

HEADER, FRAME = 128, 32


def frames(data):
    """Its frames: place, head, body."""
    place = HEADER
    while place < len(data):
        (length,) = struct.unpack_from("<I", data, place + 4)
        yield place, data[place:place + 24], data[place + FRAME:place + FRAME + length]
        place += FRAME + -(-length // 8) * 8


def only_segment(spool):
    folder = os.path.join(spool, ".aim/spool")
    (name,) = os.listdir(folder)
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def multiply(data, run, spool, count):
    """Puts it into a spool so many times, each time as another process's with a run of its own."""
    folder = os.path.join(spool, ".aim/spool")
    os.makedirs(folder)
    (created,) = struct.unpack_from("<q", data, 32)
    run = bytes.fromhex(run)
    parts = [(place, head, body) for place, head, body in frames(data)]
    for n in range(count):
        ident = xxhash.xxh3_128_digest(n.to_bytes(8, "little"))
        hash_ = xxhash.xxh3_128_digest(n.to_bytes(8, "little"), seed=1)[:12]
        header = data[:16] + ident + struct.pack("<q", created + n) + data[40:120]
        out = bytearray(data)
        out[:HEADER] = header + struct.pack("<Q", xxhash.xxh3_64_intdigest(header))
        for place, head, body in parts:
            body = body.replace(run, hash_)
            seed = xxhash.xxh3_64_intdigest(ident + head)
            check = xxhash.xxh3_64_intdigest(body, seed=seed)
            out[place + 24:place + FRAME] = struct.pack("<Q", check)
            out[place + FRAME:place + FRAME + len(body)] = body
        with open(os.path.join(folder, ident.hex() + ".aimseg"), "wb") as file:
            file.write(out)


def multiply_apart(program, one, spool, count, environment):
    """The same with the only segment of a spool, by a process of its own: what it takes of memory is not this one's."""
    said = subprocess.run([program, "ls", "--json", "--repo", one], check=True, stdout=subprocess.PIPE, env=environment)
    run = json.loads(said.stdout)[0]["hash"]
    subprocess.run([sys.executable, __file__, one, run, spool, str(count)], check=True)


if __name__ == "__main__":
    multiply(only_segment(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
