import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The TCP ports that these processes listen on, sorted. */
export function listeningPorts(pids: readonly number[]): number[] {
  const ports = process.platform === "linux" ? portsFromProc(pids) : portsFromLsof(pids);
  return [...new Set(ports)].sort((a, b) => a - b);
}

function portsFromProc(pids: readonly number[]): number[] {
  const sockets = new Set(pids.flatMap(socketsOf));
  return ["tcp", "tcp6"].flatMap((table) => {
    const rows = readFileSync(`/proc/net/${table}`, "utf8").trim().split("\n").slice(1);
    return rows.flatMap((row) => {
      const [, local = "", , state, , , , , , inode = ""] = row.trim().split(/\s+/);
      return state === "0A" && sockets.has(inode) ? parseInt(local.split(":")[1] ?? "", 16) : [];
    });
  });
}

function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      // Closed in the meantime.
      return [];
    }
  });
}

function portsFromLsof(pids: readonly number[]): number[] {
  const listed = execFileSync("lsof", ["-nP", "-iTCP", "-sTCP:LISTEN", "-a", "-p", pids.join(","), "-Fn"], {
    encoding: "utf8",
  });
  return [...listed.matchAll(/^n.*:(\d+)$/gm)].map(([, port]) => Number(port));
}
