# Writes OUTPUT, a C file with the bytes of every file that LIST names (one a line, relative to the
# working directory). compiler/embedded.h declares the table.

file(STRINGS ${LIST} names)
list(SORT names)

set(arrays "")
set(table "")
set(number 0)
foreach(name IN LISTS names)
    file(READ ${name} bytes HEX)
    string(LENGTH "${bytes}" digits)
    math(EXPR length "${digits} / 2")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    # 16 bytes a line: each is five characters of the form 0x00, by now.
    string(REPEAT "....." 16 line)
    string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
    string(APPEND arrays "static const unsigned char file_${number}[] = {\n${bytes}0x00};\n\n")
    string(APPEND table "    {\"${name}\", file_${number}, ${length}},\n")
    math(EXPR number "${number} + 1")
endforeach()

file(WRITE ${OUTPUT} "/* Made by cmake/embed.cmake. */
#include \"embedded.h\"

${arrays}const Embedded embedded_files[] = {
${table}    {NULL, NULL, 0},
};
")
