# find_package(Intc) offers
#
#     intc_add_model(TARGET MODEL.int [OPTIONS ...])
#
# which compiles MODEL.int when it changes and gives the pair MODEL.c, MODEL.h to TARGET. A TARGET
# that does not exist yet becomes a static library with that one model in it. OPTIONS are passed to
# intc: OPTIONS --set batch=16.

find_program(INTC_PROGRAM intc HINTS ${CMAKE_CURRENT_LIST_DIR}/../../../bin
             ${CMAKE_CURRENT_LIST_DIR}/../../../../bin)
if(NOT INTC_PROGRAM)
    set(Intc_FOUND FALSE)
    set(Intc_NOT_FOUND_MESSAGE "the program intc was not found")
    return()
endif()

function(intc_add_model target source)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "OPTIONS")
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})

    # The generated files are named after the model, not after its file.
    file(STRINGS ${source} line REGEX "^[ \t]*model[ \t]+[A-Za-z_][A-Za-z0-9_]*" LIMIT_COUNT 1)
    if(NOT line MATCHES "model[ \t]+([A-Za-z_][A-Za-z0-9_]*)")
        message(FATAL_ERROR "${source} has no line `model NAME`")
    endif()
    set(name ${CMAKE_MATCH_1})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})

    set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}_intc)
    set(outputs ${folder}/${name}.c ${folder}/${name}.h)
    add_custom_command(OUTPUT ${outputs}
                       COMMAND ${INTC_PROGRAM} compile ${source} -o ${folder} ${arg_OPTIONS}
                       DEPENDS ${source} ${INTC_PROGRAM}
                       COMMENT "Compiling model ${name}"
                       VERBATIM)
    if(NOT TARGET ${target})
        add_library(${target} STATIC)
    endif()
    target_sources(${target} PRIVATE ${outputs})
    target_include_directories(${target} PUBLIC ${folder})
endfunction()
