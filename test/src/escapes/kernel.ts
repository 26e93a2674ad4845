/** Ways by the kernel: privileges, namespaces, devices, settings of the machine, and calls that no namespace holds. */
import { type Attempt, GOT_OUT, type Group, KERNEL, python } from './attempt.ts'
import { putSetuid } from './yard.ts'

const REFUSED_CALL = 'the call is refused by the filter (kit/src/jails/syscalls.ts)'
const READ_ONLY = 'what is there of the kernel’s settings is read-only'
const NO_PRIVILEGES = 'no privileges, and no way to gain any'

const calls = (tries: string, heldBy: string, numbers: string, args: string): Attempt => ({
  ...{ tries, heldBy },
  script: () => python(`${KERNEL}\ncall(${numbers}, ${args})\nprint('${GOT_OUT}')`),
})
const does = (tries: string, heldBy: string, command: string): Attempt => ({
  ...{ tries, heldBy },
  script: () => `${command} && echo ${GOT_OUT}`,
})

export const kernel: Group = {
  about: 'Kernel',
  attempts: [
    does('open a user namespace of its own', REFUSED_CALL, 'unshare -U true'),
    does('mount something', REFUSED_CALL, 'mkdir -p m && unshare -Um true && unshare -m mount -t tmpfs none m'),
    does('change its root', REFUSED_CALL, 'chroot / true'),
    does(
      'take the seal off a read-only directory',
      REFUSED_CALL,
      'mount -o remount,rw,bind / 2>/dev/null || unshare -m mount --bind /usr /usr',
    ),
    calls('list the keys of the session', REFUSED_CALL, '(250, 219)', '0, -3, 0, 0, 0'),
    calls('keep a key for others', REFUSED_CALL, '(248, 217)', "b'user', b'sluice-yard', b'x', 1, -2"),
    calls(
      'load a program into the kernel',
      REFUSED_CALL,
      '(321, 280)',
      '0, ctypes.byref((ctypes.c_uint32 * 32)(2, 4, 4, 1)), 128',
    ),
    calls(
      'count events of the machine',
      REFUSED_CALL,
      '(298, 241)',
      'ctypes.byref((ctypes.c_uint64 * 16)(1 | 112 << 32)), 0, -1, -1, 0',
    ),
    calls('handle the page faults of others', REFUSED_CALL, '(323, 282)', '0'),
    calls(
      'queue calls beside the filter',
      REFUSED_CALL,
      '(425, 425)',
      '1, ctypes.byref(ctypes.create_string_buffer(120))',
    ),
    {
      tries: 'open a file by its handle, past every mount',
      heldBy: REFUSED_CALL,
      script: () =>
        python(`${KERNEL}
class Handle(ctypes.Structure): _fields_ = [('bytes', ctypes.c_uint), ('type', ctypes.c_int), ('data', ctypes.c_ubyte * 128)]
handle, mount = Handle(128, 0), ctypes.c_int()
call((303, 264), -100, b'.', ctypes.byref(handle), ctypes.byref(mount), 0)
call((304, 265), os.open('.', os.O_RDONLY), ctypes.byref(handle), os.O_RDONLY)
print('${GOT_OUT}')`),
    },
    {
      tries: 'type on its terminal as if a person had',
      heldBy: REFUSED_CALL,
      script: () =>
        python(`import fcntl, os, pty, sys, termios
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSTI, b'x'); print('${GOT_OUT}', flush=True); os._exit(0)
try:
    while said := os.read(terminal, 4096): os.write(1, said)
except OSError: pass`),
    },
    {
      tries: 'become another user by a program that makes one',
      heldBy: NO_PRIVILEGES,
      script: (yard) => `${putSetuid(yard)} -u`,
      gotOut: (_, said) => said.includes('65534'),
    },
    does('make a device', NO_PRIVILEGES, 'mknod device c 1 1'),
    does(
      'read a disk',
      'a /dev of its own',
      'head -c 1 "$(ls -d /dev/vd? /dev/sd? /dev/nvme?n? /dev/xvd? /dev/loop? 2>/dev/null | head -1)" >/dev/null',
    ),
    does('read the kernel’s log', REFUSED_CALL, 'dmesg >/dev/null'),
    does(
      'change a setting of the kernel',
      READ_ONLY,
      'v=$(cat /proc/sys/kernel/threads-max) && echo $v > /proc/sys/kernel/threads-max',
    ),
    does(
      'find anything of the kernel’s to write to',
      READ_ONLY,
      "find /proc /sys -maxdepth 5 -path '/proc/[0-9]*' -prune -o -type f -writable -exec test -f {} ';' -print -quit 2>/dev/null | grep .",
    ),
    does(
      'change a setting of a device',
      READ_ONLY,
      'f=/sys/kernel/mm/transparent_hugepage/enabled; grep -o "\\[.*\\]" $f | tr -d "[]" > $f',
    ),
    does(
      'see the network cards of the machine',
      'of /sys only processors and memory are there',
      'ls /sys/class/net/ | grep -q .',
    ),
    does(
      'make a control group',
      READ_ONLY,
      'for d in /sys/fs/cgroup /sys/fs/cgroup/*; do mkdir $d/slc-yard-$$ 2>/dev/null && rmdir $d/slc-yard-$$ && break; done',
    ),
    does('set the clock', REFUSED_CALL, 'date -s "$(date "+%F %T.%N")" >/dev/null'),
    does('be called as the machine is', 'a host name of its own', '[ "$(uname -n)" != sluice ]'),
  ],
}
