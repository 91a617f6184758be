"use strict";
// The kernel's entry, named in jupyter/kernels/tslab/kernel.json:  node start.cjs <connection file>
require("./modules.cjs").register();
require("./kernel").startKernel(process.argv[2]);
