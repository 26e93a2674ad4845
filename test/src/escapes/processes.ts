/** Ways to other processes: their environment, memory and lives. */
import { longSleep, processesWith } from '@sluice/kit/testing/jail-world.ts'
import { type Attempt, GOT_OUT, type Group, KERNEL, python } from './attempt.ts'

const OWN_PROCESSES = 'process ids of its own: no other process has a name inside'

/** The process an orphan would be, found on the outside by its odd length. */
const orphans = new Map<object, string>()

const stays = (tries: string, how: (sleep: string) => string): Attempt => ({
  ...{ tries, heldBy: 'all that a jail started ends with its first process' },
  script({ world }) {
    const sleep = longSleep()
    orphans.set(world, sleep)
    return `${how(sleep)} >/dev/null 2>&1 & sleep 0.2`
  },
  gotOut({ world }) {
    const left = processesWith(orphans.get(world) ?? '')
    for (const pid of left) process.kill(pid, 'SIGKILL')
    return left.length > 0
  },
})

export const processes: Group = {
  about: 'Processes',
  attempts: [
    {
      tries: 'read the environment of a process',
      heldBy: OWN_PROCESSES,
      script: ({ outside }) => `tr '\\0' '\\n' </proc/${outside.pid}/environ | grep PLANTED`,
    },
    {
      tries: 'read the environment of every process',
      heldBy: 'process ids of its own, and bwrap is started with an empty environment',
      script: () => `cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep PLANTED=`,
    },
    {
      tries: 'see the files of a process’s root',
      heldBy: OWN_PROCESSES,
      script: ({ outside, world }) => `cat /proc/${outside.pid}/root${world.home}/secret`,
    },
    {
      tries: 'see the files by any process’s root and directory',
      heldBy: OWN_PROCESSES,
      script: ({ world }) =>
        `cat /proc/[0-9]*/root${world.home}/secret /proc/[0-9]*/cwd${world.home}/secret 2>/dev/null`,
    },
    {
      tries: 'read the memory of a process',
      heldBy: OWN_PROCESSES,
      script: ({ outside }) =>
        python(`f = open('/proc/${outside.pid}/mem', 'rb'); f.seek(${outside.address}); print(f.read(16))`),
    },
    {
      tries: 'read the memory of a process by process_vm_readv',
      heldBy: OWN_PROCESSES,
      script: ({ outside }) =>
        python(`${KERNEL}
class Part(ctypes.Structure): _fields_ = [('base', ctypes.c_void_p), ('len', ctypes.c_size_t)]
mine = ctypes.create_string_buffer(16)
here, there = Part(ctypes.addressof(mine), 16), Part(${outside.address}, 16)
call((310, 270), ${outside.pid}, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
print(mine.raw)`),
    },
    {
      tries: 'trace a process',
      heldBy: OWN_PROCESSES,
      script: ({ outside }) =>
        python(`${KERNEL}
if libc.ptrace(16, ${outside.pid}, None, None) == 0:
    os.waitpid(${outside.pid}, 0); libc.ptrace(17, ${outside.pid}, None, None); print('${GOT_OUT}')`),
    },
    {
      tries: 'signal a process',
      heldBy: OWN_PROCESSES,
      script: ({ outside }) => `kill -CONT ${outside.pid} && echo ${GOT_OUT}`,
    },
    {
      tries: 'see what else runs, and with which arguments',
      heldBy: OWN_PROCESSES,
      script: () => `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -aq '[v]itest' && echo ${GOT_OUT}`,
    },
    {
      tries: 'find a key in its environment',
      heldBy: 'an environment made anew: nothing of ours is passed on',
      script: () => 'env | grep PLANTED',
    },
    stays('stay as an orphan', (sleep) => `nohup ${sleep}`),
    stays('stay in a session of its own with nothing in its environment', (sleep) => `setsid nohup env -i ${sleep}`),
    stays('stay by forking twice', (sleep) => `setsid bash -c "setsid ${sleep} & exit"`),
    stays(
      'stay deaf to every signal that can be ignored',
      (sleep) => `setsid bash -c "trap '' HUP INT TERM; ${sleep}"`,
    ),
    {
      tries: 'read memory that a program shares by key',
      heldBy: 'shared memory, semaphores and queues of its own',
      script: ({ outside }) =>
        python(`${KERNEL}
libc.shmat.restype = ctypes.c_void_p
segment = libc.shmget(${outside.shmKey}, 64, 0)
if segment >= 0: print(ctypes.string_at(libc.shmat(segment, None, 0o10000), 20))`),
    },
    {
      tries: 'read memory that a program shares by name',
      heldBy: 'a /dev of its own',
      script: ({ outside }) => `cat ${outside.shared}`,
    },
  ],
}
