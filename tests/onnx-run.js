// Copyright (C) 2026 The gst-cpac authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// node onnx-run.js JOBS.json: runs each of [{model, input, dims, output}] in ONNX Runtime; input and
// output are files of floats. Prints the runtime's version.
const fs = require('fs');
const ort = require('onnxruntime-node');

function readFloats(path) {
  const bytes = fs.readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

async function run(job) {
  const session = await ort.InferenceSession.create(
    job.model, {intraOpNumThreads: 1, logSeverityLevel: 3});
  const feeds = {};
  feeds[session.inputNames[0]] = new ort.Tensor('float32', readFloats(job.input), job.dims);
  const output = (await session.run(feeds))[session.outputNames[0]];
  fs.writeFileSync(job.output, Buffer.from(output.data.buffer, output.data.byteOffset,
                                           output.data.byteLength));
}

async function main() {
  for (const job of JSON.parse(fs.readFileSync(process.argv[2]))) {
    try {
      await run(job);
    } catch (error) {
      throw new Error(`${job.model}: ${error.message}`);
    }
  }
  console.log(ort.env.versions.node || ort.env.versions.common);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
