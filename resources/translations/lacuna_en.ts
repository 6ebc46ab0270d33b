<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Announcements</name>
    <message numerus="yes">
        <source>%n task(s) of this picture wait for the server.</source>
        <translation>
            <numerusform>%n task of this picture waits for the server.</numerusform>
            <numerusform>%n tasks of this picture wait for the server.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Autosave</name>
    <message numerus="yes">
        <source>%n change(s), the last on {when}.</source>
        <translation>
            <numerusform>%n change, the last on {when}.</numerusform>
            <numerusform>%n changes, the last on {when}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more document(s) can be recovered afterwards.</source>
        <translation>
            <numerusform>%n more document can be recovered afterwards.</numerusform>
            <numerusform>%n more documents can be recovered afterwards.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ResumableJobs</name>
    <message numerus="yes">
        <source>%n task(s) of this picture went on at the server.</source>
        <translation>
            <numerusform>%n task of this picture went on at the server.</numerusform>
            <numerusform>%n tasks of this picture went on at the server.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message numerus="yes">
        <source>%n action(s) of the map do not exist here.</source>
        <translation>
            <numerusform>%n action of the map does not exist here.</numerusform>
            <numerusform>%n actions of the map do not exist here.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message numerus="yes">
        <source>%n px changed outside the ring</source>
        <translation>
            <numerusform>%n px changed outside the ring</numerusform>
            <numerusform>%n px changed outside the ring</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Variants</name>
    <message numerus="yes">
        <source>%n px changed outside the ring. Please undo and report this.</source>
        <translation>
            <numerusform>%n px changed outside the ring. Please undo and report this.</numerusform>
            <numerusform>%n px changed outside the ring. Please undo and report this.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>WorkQuestion</name>
    <message numerus="yes">
        <source>%n task(s) are not finished.</source>
        <translation>
            <numerusform>%n task is not finished.</numerusform>
            <numerusform>%n tasks are not finished.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>WorkflowDialog</name>
    <message numerus="yes">
        <source>%n value(s) are not at hand: see the marks above.</source>
        <translation>
            <numerusform>One value is not at hand: see the mark above.</numerusform>
            <numerusform>%n values are not at hand: see the marks above.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>WorkflowExport</name>
    <message numerus="yes">
        <source>Wrote {file}. Put the %n picture(s) beside it into ComfyUI&apos;s folder “input”.</source>
        <translation>
            <numerusform>Wrote {file}. Put the picture beside it into ComfyUI&apos;s folder “input”.</numerusform>
            <numerusform>Wrote {file}. Put the %n pictures beside it into ComfyUI&apos;s folder “input”.</numerusform>
        </translation>
    </message>
</context>
</TS>
