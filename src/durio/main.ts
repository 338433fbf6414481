#!/usr/bin/env node
import process from "node:process";
import { commandLine, isBrokenPipe } from "./command-line.ts";

// Node reports a closed pipe only after other errors.
for (const output of [process.stdout, process.stderr]) {
  output.on("error", (error) => {
    if (!isBrokenPipe(error)) throw error;
  });
}

process.exitCode = await commandLine(process.argv.slice(2));
