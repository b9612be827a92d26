// A shared library that counts.
#pragma once

extern int counted;
void count_one();
