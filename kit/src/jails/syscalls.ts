/** What a jail asks of the kernel and is refused: doors that namespaces leave open, as a seccomp filter for bubblewrap. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from '../paths.ts'

/** Numbers of the two architectures (asm/unistd_64.h, asm-generic/unistd.h); null where one has no such call. */
type Numbers = Record<string, [x64: number | null, arm64: number | null]>

/** Nobody's tools need these, and each has led out of a container or tells of the machine around it. */
const REFUSED: Numbers = {
  // Keyrings are not of any namespace: what the person's session holds would be found by name.
  ...{ add_key: [248, 217], request_key: [249, 218], keyctl: [250, 219] },
  // A namespace of one's own gives all privileges in it, and the kernel's rarest code to try them on.
  ...{ setns: [308, 268], mount: [165, 40], umount2: [166, 39], pivot_root: [155, 41], chroot: [161, 51] },
  ...{ open_tree: [428, 428], move_mount: [429, 429], fsopen: [430, 430], fsconfig: [431, 431], fsmount: [432, 432] },
  ...{ fspick: [433, 433], mount_setattr: [442, 442], open_tree_attr: [467, 467] },
  ...{ bpf: [321, 280], perf_event_open: [298, 241], userfaultfd: [323, 282], fanotify_init: [300, 262] },
  ...{ io_uring_setup: [425, 425], io_uring_enter: [426, 426], io_uring_register: [427, 427] },
  // A handle names a file of the disk, whatever is mounted.
  ...{ open_by_handle_at: [304, 265], lookup_dcookie: [212, 18] },
  // The kernel's log, clock, modules and devices are the machine's.
  ...{ syslog: [103, 116], acct: [163, 89], quotactl: [179, 60], quotactl_fd: [443, 443], vhangup: [153, 58] },
  ...{ settimeofday: [164, 170], clock_settime: [227, 112], adjtimex: [159, 171], clock_adjtime: [305, 266] },
  ...{ init_module: [175, 105], finit_module: [313, 273], delete_module: [176, 106], reboot: [169, 142] },
  ...{ kexec_load: [246, 104], kexec_file_load: [320, 294], swapon: [167, 224], swapoff: [168, 225] },
  ...{ iopl: [172, null], ioperm: [173, null], uselib: [134, null] },
}

type Architecture = { audit: number; at: 0 | 1; clone: number; unshare: number; ioctl: number; socket: number }
/** `audit` as in linux/audit.h. On any other architecture the namespaces hold alone. */
const ARCHITECTURES: Partial<Record<string, Architecture>> = {
  x64: { audit: 0xc000003e, at: 0, clone: 56, unshare: 272, ioctl: 16, socket: 41 },
  arm64: { audit: 0xc00000b7, at: 1, clone: 220, unshare: 97, ioctl: 29, socket: 198 },
}

const CLONE3 = 435
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (sched.h). */
const NEW_NAMESPACE = 0x7e020000
/** Typing on a terminal as if its person had, and pasting on a console (ioctl_tty(2)). */
const TYPING = [0x5412, 0x541c]
/** AF_UNIX, INET, INET6, NETLINK. Others, AF_VSOCK before all, know no network namespace: they lead to whoever runs this machine. */
const FAMILIES = [1, 2, 10, 16]

const EPERM = 1
const ENOSYS = 38
const EAFNOSUPPORT = 97

/** A file with the filter, for `bwrap --seccomp`; named by its content. Null on an architecture it does not know. */
export function filterFile(arch: string = process.arch): string | null {
  const filter = filterFor(arch)
  if (!filter) return null
  const dir = join(cacheDir(), 'jail')
  const file = join(dir, `seccomp-${createHash('sha256').update(filter).digest('hex').slice(0, 16)}`)
  if (existsSync(file)) return file
  mkdirSync(dir, { recursive: true })
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, filter)
  renameSync(fresh, file)
  return file
}

/** Classic BPF over `struct seccomp_data` (seccomp(2)): number at 0, architecture at 4, the low half of argument n at 16 + 8n. */
export function filterFor(arch: string): Buffer | null {
  const own = ARCHITECTURES[arch]
  if (!own) return null
  const refused = Object.values(REFUSED).flatMap((numbers) => numbers[own.at] ?? [])
  return assembled([
    load(4),
    // Programs of another architecture (32 bit) have other numbers: refused whole, or they would be the way round this list.
    ...unlessEqual(own.audit, refuse(ENOSYS)),
    load(0),
    // x32 marks its numbers with this bit.
    ...(arch === 'x64' ? [{ code: JUMP_GE, k: 0x40000000, yes: 0, no: 1 }, refuse(ENOSYS)] : []),
    ...refused.flatMap((number) => ifEqual(number, [refuse(EPERM)])),
    // Its flags lie in memory where no filter can look; C libraries go on with clone.
    ...ifEqual(CLONE3, [refuse(ENOSYS)]),
    ...[own.clone, own.unshare].flatMap((number) =>
      ifEqual(number, [load(16), { code: JUMP_SET, k: NEW_NAMESPACE, yes: 0, no: 1 }, refuse(EPERM), ALLOW]),
    ),
    ...ifEqual(own.ioctl, [load(24), ...TYPING.flatMap((request) => ifEqual(request, [refuse(EPERM)])), ALLOW]),
    ...ifEqual(own.socket, [load(16), ...FAMILIES.flatMap((one) => ifEqual(one, [ALLOW])), refuse(EAFNOSUPPORT)]),
    ALLOW,
  ])
}

/** `yes` and `no`: how many instructions are skipped. */
type Instruction = { code: number; k: number; yes?: number; no?: number }

/** linux/bpf_common.h: load a word, jump if equal, greater or equal, or any bit set; return. */
const [LOAD, JUMP_EQ, JUMP_GE, JUMP_SET, RETURN] = [0x20, 0x15, 0x35, 0x45, 0x06]
const ALLOW: Instruction = { code: RETURN, k: 0x7fff0000 }

const load = (k: number): Instruction => ({ code: LOAD, k })
const refuse = (errno: number): Instruction => ({ code: RETURN, k: 0x00050000 | errno })
const ifEqual = (k: number, then: Instruction[]): Instruction[] => [
  { code: JUMP_EQ, k, yes: 0, no: then.length },
  ...then,
]
const unlessEqual = (k: number, then: Instruction): Instruction[] => [{ code: JUMP_EQ, k, yes: 1, no: 0 }, then]

function assembled(program: Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8)
  for (const [i, { code, k, yes = 0, no = 0 }] of program.entries()) {
    bytes.writeUInt16LE(code, i * 8)
    bytes.writeUInt8(yes, i * 8 + 2)
    bytes.writeUInt8(no, i * 8 + 3)
    bytes.writeUInt32LE(k, i * 8 + 4)
  }
  return bytes
}
