<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="uk" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Файл</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Редагування</translation>
    </message>
    <message>
        <source>&amp;Select</source>
        <translation>&amp;Виділення</translation>
    </message>
    <message>
        <source>&amp;Mask</source>
        <translation>&amp;Маска</translation>
    </message>
    <message>
        <source>&amp;Objects</source>
        <translation>&amp;Об’єкти</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Прибрати</translation>
    </message>
    <message>
        <source>&amp;Paint</source>
        <translation>Ма&amp;лювати</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>В&amp;игляд</translation>
    </message>
    <message>
        <source>&amp;Tools</source>
        <translation>&amp;Інструменти</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Довідка</translation>
    </message>
    <message>
        <source>&amp;Open…</source>
        <translation>&amp;Відкрити…</translation>
    </message>
    <message>
        <source>Open a picture or a project.</source>
        <translation>Відкрити зображення або проєкт.</translation>
    </message>
    <message>
        <source>Open the picture that comes with Lacuna, to try things on.</source>
        <translation>Відкрити зображення, що постачається з Lacuna, щоб на ньому все спробувати.</translation>
    </message>
    <message>
        <source>&amp;New Window</source>
        <translation>&amp;Нове вікно</translation>
    </message>
    <message>
        <source>Open another window of Lacuna.</source>
        <translation>Відкрити ще одне вікно Lacuna.</translation>
    </message>
    <message>
        <source>&amp;Save Project</source>
        <translation>З&amp;берегти проєкт</translation>
    </message>
    <message>
        <source>Save picture, masks and points as a Lacuna project.</source>
        <translation>Зберегти зображення, маски й точки як проєкт Lacuna.</translation>
    </message>
    <message>
        <source>Save Project &amp;As…</source>
        <translation>Зберегти проєкт &amp;як…</translation>
    </message>
    <message>
        <source>Save the project under another name.</source>
        <translation>Зберегти проєкт під іншою назвою.</translation>
    </message>
    <message>
        <source>Write the picture beside the source, with the last options.</source>
        <translation>Записати зображення поруч із вихідним файлом з останніми параметрами.</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>&amp;Експорт…</translation>
    </message>
    <message>
        <source>Write the picture as PNG, JPEG, WebP, TIFF or AVIF.</source>
        <translation>Записати зображення як PNG, JPEG, WebP, TIFF або AVIF.</translation>
    </message>
    <message>
        <source>Export &amp;Mask…</source>
        <translation>Експорт &amp;маски…</translation>
    </message>
    <message>
        <source>Write the mask as a gray PNG, white where it is marked.</source>
        <translation>Записати маску як сірий PNG, білий там, де позначено.</translation>
    </message>
    <message>
        <source>Export &amp;Cut-out…</source>
        <translation>Експорт виріз&amp;у…</translation>
    </message>
    <message>
        <source>Write what is selected as a PNG with a transparent background.</source>
        <translation>Записати виділене як PNG із прозорим тлом.</translation>
    </message>
    <message>
        <source>Run Wor&amp;kflow…</source>
        <translation>Виконати воркф&amp;лоу…</translation>
    </message>
    <message>
        <source>Run a workflow of ComfyUI on this picture.</source>
        <translation>Виконати воркфлоу ComfyUI над цим зображенням.</translation>
    </message>
    <message>
        <source>Export &amp;Workflow…</source>
        <translation>Експортувати вор&amp;кфлоу…</translation>
    </message>
    <message>
        <source>Write the painting, the removal or the search as a workflow for ComfyUI.</source>
        <translation>Записати малювання, видалення чи пошук як воркфлоу для ComfyUI.</translation>
    </message>
    <message>
        <source>C&amp;lose Picture</source>
        <translation>&amp;Закрити зображення</translation>
    </message>
    <message>
        <source>Close the picture; asks when something is not saved.</source>
        <translation>Закрити зображення; запитає, якщо щось не збережено.</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>Ви&amp;йти</translation>
    </message>
    <message>
        <source>Close all windows.</source>
        <translation>Закрити всі вікна.</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Скасувати</translation>
    </message>
    <message>
        <source>Take back the last step.</source>
        <translation>Скасувати останній крок.</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Повторити</translation>
    </message>
    <message>
        <source>Do again what was taken back.</source>
        <translation>Повторити те, що було скасовано.</translation>
    </message>
    <message>
        <source>&amp;Copy Picture</source>
        <translation>&amp;Копіювати зображення</translation>
    </message>
    <message>
        <source>Copy the picture as it is now to the clipboard.</source>
        <translation>Скопіювати зображення в теперішньому вигляді до буфера обміну.</translation>
    </message>
    <message>
        <source>Open the Sample &amp;Picture</source>
        <translation>Відкрити з&amp;разок</translation>
    </message>
    <message>
        <source>Quick E&amp;xport</source>
        <translation>&amp;Швидкий експорт</translation>
    </message>
    <message>
        <source>C&amp;opy Cut-out</source>
        <translation>Копіювати ви&amp;різ</translation>
    </message>
    <message>
        <source>Copy what is selected, with a transparent background.</source>
        <translation>Скопіювати виділене з прозорим тлом.</translation>
    </message>
    <message>
        <source>&amp;Paste Picture</source>
        <translation>&amp;Вставити зображення</translation>
    </message>
    <message>
        <source>Open the picture from the clipboard.</source>
        <translation>Відкрити зображення з буфера обміну.</translation>
    </message>
    <message>
        <source>Se&amp;ttings…</source>
        <translation>&amp;Налаштування…</translation>
    </message>
    <message>
        <source>Change how Lacuna looks and works.</source>
        <translation>Змінити вигляд і роботу Lacuna.</translation>
    </message>
    <message>
        <source>Zoom &amp;In</source>
        <translation>&amp;Збільшити</translation>
    </message>
    <message>
        <source>See the picture larger.</source>
        <translation>Показати зображення більшим.</translation>
    </message>
    <message>
        <source>Zoom &amp;Out</source>
        <translation>З&amp;меншити</translation>
    </message>
    <message>
        <source>See more of the picture.</source>
        <translation>Показати більшу частину зображення.</translation>
    </message>
    <message>
        <source>&amp;Fit to Window</source>
        <translation>&amp;Умістити у вікно</translation>
    </message>
    <message>
        <source>See the whole picture.</source>
        <translation>Показати все зображення.</translation>
    </message>
    <message>
        <source>&amp;Actual Pixels</source>
        <translation>&amp;Справжній розмір</translation>
    </message>
    <message>
        <source>Show one pixel of the picture as one of the screen.</source>
        <translation>Показувати піксель зображення як піксель екрана.</translation>
    </message>
    <message>
        <source>Next &amp;Mask View</source>
        <translation>&amp;Наступний вигляд маски</translation>
    </message>
    <message>
        <source>Show the mask as colour, outline, on black, on white, or alone.</source>
        <translation>Показати маску кольором, контуром, на чорному, на білому або саму.</translation>
    </message>
    <message>
        <source>Show &amp;Selection</source>
        <translation>Показувати &amp;виділення</translation>
    </message>
    <message>
        <source>Show or hide the selection; it stays what it is.</source>
        <translation>Показати або приховати виділення; саме воно не зміниться.</translation>
    </message>
    <message>
        <source>Show &amp;Ring</source>
        <translation>Показувати &amp;кільце</translation>
    </message>
    <message>
        <source>Show up to where Remove may change the picture.</source>
        <translation>Показати, доки сягатимуть зміни під час прибирання.</translation>
    </message>
    <message>
        <source>Show Ori&amp;ginal</source>
        <translation>Показати &amp;оригінал</translation>
    </message>
    <message>
        <source>&amp;Hide Panels</source>
        <translation>Приховати &amp;панелі</translation>
    </message>
    <message>
        <source>Hold the key to see the picture as it was opened.</source>
        <translation>Утримуйте клавішу, щоб бачити зображення таким, як його відкрито.</translation>
    </message>
    <message>
        <source>S&amp;plit View</source>
        <translation>&amp;Розділений вигляд</translation>
    </message>
    <message>
        <source>Original on the left, result on the right; drag the line.</source>
        <translation>Ліворуч оригінал, праворуч результат; лінію можна перетягнути.</translation>
    </message>
    <message>
        <source>Hide or show tool bar and panels, while the picture has the focus.</source>
        <translation>Приховати або показати панелі, поки фокус на зображенні.</translation>
    </message>
    <message>
        <source>&amp;Next Pane</source>
        <translation>Наступна п&amp;анель</translation>
    </message>
    <message>
        <source>Move the focus to the next panel, then back to the picture.</source>
        <translation>Перенести фокус на наступну панель, потім назад на зображення.</translation>
    </message>
    <message>
        <source>F&amp;ull Screen</source>
        <translation>На в&amp;есь екран</translation>
    </message>
    <message>
        <source>Use the whole screen.</source>
        <translation>Розгорнути на весь екран.</translation>
    </message>
    <message>
        <source>&amp;Keyboard Shortcuts</source>
        <translation>&amp;Комбінації клавіш</translation>
    </message>
    <message>
        <source>See and change the key of every action.</source>
        <translation>Переглянути й змінити клавіші кожної дії.</translation>
    </message>
    <message>
        <source>Open &amp;Log Folder</source>
        <translation>Відкрити теку &amp;журналу</translation>
    </message>
    <message>
        <source>Show the folder where Lacuna writes what it did.</source>
        <translation>Показати теку, де Lacuna записує, що вона робила.</translation>
    </message>
    <message>
        <source>&amp;Copy Diagnostics</source>
        <translation>Копіювати &amp;діагностику</translation>
    </message>
    <message>
        <source>Copy versions, paths and the last log lines for a report; no pictures.</source>
        <translation>Скопіювати для звіту версії, шляхи й останні рядки журналу; без зображень.</translation>
    </message>
    <message>
        <source>&amp;About Lacuna</source>
        <translation>&amp;Про Lacuna</translation>
    </message>
    <message>
        <source>Version, licence and credits.</source>
        <translation>Версія, ліцензія та подяки.</translation>
    </message>
    <message>
        <source>&amp;All</source>
        <translation>&amp;Усе</translation>
    </message>
    <message>
        <source>Select the whole picture.</source>
        <translation>Виділити все зображення.</translation>
    </message>
    <message>
        <source>&amp;None</source>
        <translation>&amp;Нічого</translation>
    </message>
    <message>
        <source>Select nothing; Reselect brings the selection back.</source>
        <translation>Зняти виділення; повернути його можна дією «Виділити знову».</translation>
    </message>
    <message>
        <source>&amp;Reselect</source>
        <translation>Виділити &amp;знову</translation>
    </message>
    <message>
        <source>Bring the last selection back.</source>
        <translation>Повернути останнє виділення.</translation>
    </message>
    <message>
        <source>&amp;Invert</source>
        <translation>&amp;Інвертувати</translation>
    </message>
    <message>
        <source>Select what is not selected.</source>
        <translation>Виділити те, що не виділено.</translation>
    </message>
    <message>
        <source>Ne&amp;xt Candidate</source>
        <translation>На&amp;ступний кандидат</translation>
    </message>
    <message>
        <source>Show the next answer to the points: part, whole or group.</source>
        <translation>Показати наступну відповідь на точки: частину, ціле або групу.</translation>
    </message>
    <message>
        <source>Pre&amp;vious Candidate</source>
        <translation>&amp;Попередній кандидат</translation>
    </message>
    <message>
        <source>Show the previous answer to the points.</source>
        <translation>Показати попередню відповідь на точки.</translation>
    </message>
    <message>
        <source>A&amp;ccept Points</source>
        <translation>П&amp;рийняти точки</translation>
    </message>
    <message>
        <source>Keep the selection and put the points away.</source>
        <translation>Залишити виділення й прибрати точки.</translation>
    </message>
    <message>
        <source>Remove &amp;Last Point</source>
        <translation>Вилучити &amp;останню точку</translation>
    </message>
    <message>
        <source>Take the last point back.</source>
        <translation>Скасувати останню точку.</translation>
    </message>
    <message>
        <source>&amp;Drop Points</source>
        <translation>При&amp;брати точки</translation>
    </message>
    <message>
        <source>End the drag, then drop the points, then leave the tool.</source>
        <translation>Завершити перетягування, потім прибрати точки, потім вийти з інструмента.</translation>
    </message>
    <message>
        <source>&amp;Grow</source>
        <translation>&amp;Розширити</translation>
    </message>
    <message>
        <source>Widen the selection by two pixels.</source>
        <translation>Розширити виділення на два пікселі.</translation>
    </message>
    <message>
        <source>&amp;Shrink</source>
        <translation>&amp;Звузити</translation>
    </message>
    <message>
        <source>Narrow the selection by two pixels.</source>
        <translation>Звузити виділення на два пікселі.</translation>
    </message>
    <message>
        <source>&amp;Feather</source>
        <translation>Розт&amp;ушувати</translation>
    </message>
    <message>
        <source>Soften the edge of the selection by two pixels.</source>
        <translation>Пом’якшити край виділення на два пікселі.</translation>
    </message>
    <message>
        <source>S&amp;mooth</source>
        <translation>З&amp;гладити</translation>
    </message>
    <message>
        <source>Round the corners of the selection.</source>
        <translation>Заокруглити кути виділення.</translation>
    </message>
    <message>
        <source>Fill &amp;Holes</source>
        <translation>Заповнити &amp;дірки</translation>
    </message>
    <message>
        <source>Select what the selection encloses.</source>
        <translation>Виділити все, що виділення оточує.</translation>
    </message>
    <message>
        <source>Drop &amp;Islands</source>
        <translation>Відкинути &amp;острівці</translation>
    </message>
    <message>
        <source>Forget the small specks of the selection.</source>
        <translation>Відкинути дрібні цятки виділення.</translation>
    </message>
    <message>
        <source>Snap to &amp;Edges</source>
        <translation>Притягнути до &amp;країв</translation>
    </message>
    <message>
        <source>Draw the outline of the selection to the edges in the picture.</source>
        <translation>Притягнути контур виділення до країв на зображенні.</translation>
    </message>
    <message>
        <source>Soft E&amp;dge</source>
        <translation>М’який кра&amp;й</translation>
    </message>
    <message>
        <source>Select hair and fur partly, as the picture has them; on until switched off.</source>
        <translation>Виділяти волосся й хутро частково, як на зображенні; діє, доки не вимкнено.</translation>
    </message>
    <message>
        <source>&amp;Store Selection</source>
        <translation>З&amp;берегти виділення</translation>
    </message>
    <message>
        <source>Keep the selection in the list of objects.</source>
        <translation>Зберегти виділення у списку об’єктів.</translation>
    </message>
    <message>
        <source>&amp;Load into Selection</source>
        <translation>&amp;Завантажити у виділення</translation>
    </message>
    <message>
        <source>Make the chosen object the selection.</source>
        <translation>Зробити вибраний об’єкт виділенням.</translation>
    </message>
    <message>
        <source>Select &amp;All Shown</source>
        <translation>Виділити всі по&amp;казані</translation>
    </message>
    <message>
        <source>Select the union of all objects that are shown.</source>
        <translation>Виділити об’єднання всіх показаних об’єктів.</translation>
    </message>
    <message>
        <source>&amp;Rename…</source>
        <translation>Пере&amp;йменувати…</translation>
    </message>
    <message>
        <source>Give the chosen object another name.</source>
        <translation>Дати вибраному об’єкту іншу назву.</translation>
    </message>
    <message>
        <source>Show or &amp;Hide</source>
        <translation>&amp;Показати або приховати</translation>
    </message>
    <message>
        <source>Show or hide the chosen object.</source>
        <translation>Показати або приховати вибраний об’єкт.</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>Ви&amp;далити</translation>
    </message>
    <message>
        <source>Take the chosen object off the list; the picture stays.</source>
        <translation>Вилучити вибраний об’єкт зі списку; зображення залишиться.</translation>
    </message>
    <message>
        <source>Remove what is selected; nothing outside the ring changes.</source>
        <translation>Прибрати виділене; поза кільцем нічого не зміниться.</translation>
    </message>
    <message>
        <source>Another &amp;Variant</source>
        <translation>Ще один &amp;варіант</translation>
    </message>
    <message>
        <source>Fill the same place again with another seed.</source>
        <translation>Заповнити те саме місце знову з іншим зерном.</translation>
    </message>
    <message>
        <source>&amp;Next Variant</source>
        <translation>&amp;Наступний варіант</translation>
    </message>
    <message>
        <source>Look at the next variant.</source>
        <translation>Подивитися наступний варіант.</translation>
    </message>
    <message>
        <source>&amp;Previous Variant</source>
        <translation>П&amp;опередній варіант</translation>
    </message>
    <message>
        <source>Look at the previous variant.</source>
        <translation>Подивитися попередній варіант.</translation>
    </message>
    <message>
        <source>&amp;Apply Variant</source>
        <translation>&amp;Застосувати варіант</translation>
    </message>
    <message>
        <source>Put the variant you look at into the picture.</source>
        <translation>Вставити переглянутий варіант у зображення.</translation>
    </message>
    <message>
        <source>&amp;Discard Variant</source>
        <translation>Відк&amp;инути варіант</translation>
    </message>
    <message>
        <source>Throw the variant you look at away.</source>
        <translation>Відкинути переглянутий варіант.</translation>
    </message>
    <message>
        <source>&amp;Cancel Task</source>
        <translation>З&amp;упинити завдання</translation>
    </message>
    <message>
        <source>Stop the task that runs now.</source>
        <translation>Зупинити завдання, яке зараз виконується.</translation>
    </message>
    <message>
        <source>Cancel All &amp;Tasks</source>
        <translation>Зупинити всі зав&amp;дання</translation>
    </message>
    <message>
        <source>Stop the task that runs and forget those that wait.</source>
        <translation>Зупинити поточне завдання й забути ті, що чекають.</translation>
    </message>
    <message>
        <source>&amp;Object</source>
        <translation>&amp;Об’єкт</translation>
    </message>
    <message>
        <source>Click an object; right click or Alt-click what is not part of it; drag a box.</source>
        <translation>Клацніть об’єкт; правою кнопкою або з Alt — те, що до нього не належить; рамку можна розтягнути.</translation>
    </message>
    <message>
        <source>&amp;Brush</source>
        <translation>&amp;Пензель</translation>
    </message>
    <message>
        <source>Paint the selection; Shift-click draws a straight line.</source>
        <translation>Малюйте виділення; клацання з Shift проводить пряму лінію.</translation>
    </message>
    <message>
        <source>&amp;Eraser</source>
        <translation>&amp;Гумка</translation>
    </message>
    <message>
        <source>Wipe from the selection.</source>
        <translation>Стирати виділення.</translation>
    </message>
    <message>
        <source>&amp;Lasso</source>
        <translation>&amp;Ласо</translation>
    </message>
    <message>
        <source>Draw around what is to be selected.</source>
        <translation>Обведіть те, що треба виділити.</translation>
    </message>
    <message>
        <source>&amp;Polygon</source>
        <translation>&amp;Багатокутник</translation>
    </message>
    <message>
        <source>Click corner after corner; Enter closes the polygon.</source>
        <translation>Клацайте кут за кутом; Enter замкне багатокутник.</translation>
    </message>
    <message>
        <source>&amp;Rectangle</source>
        <translation>П&amp;рямокутник</translation>
    </message>
    <message>
        <source>Drag a rectangle.</source>
        <translation>Розтягніть прямокутник.</translation>
    </message>
    <message>
        <source>&amp;Wand</source>
        <translation>&amp;Чарівна паличка</translation>
    </message>
    <message>
        <source>Click a colour: what is alike is selected.</source>
        <translation>Клацніть колір: буде виділено подібне.</translation>
    </message>
    <message>
        <source>&amp;Hand</source>
        <translation>Р&amp;ука</translation>
    </message>
    <message>
        <source>Drag the picture; the space bar does it in every tool.</source>
        <translation>Тягніть зображення; пробіл робить це в будь-якому інструменті.</translation>
    </message>
    <message>
        <source>&amp;Zoom</source>
        <translation>&amp;Масштаб</translation>
    </message>
    <message>
        <source>Click to see larger, Alt-click to see smaller.</source>
        <translation>Клацніть, щоб збільшити; з Alt — щоб зменшити.</translation>
    </message>
    <message>
        <source>Brush Smaller</source>
        <translation>Менший пензель</translation>
    </message>
    <message>
        <source>Make brush and eraser smaller.</source>
        <translation>Зменшити пензель і гумку.</translation>
    </message>
    <message>
        <source>Brush Larger</source>
        <translation>Більший пензель</translation>
    </message>
    <message>
        <source>Make brush and eraser larger.</source>
        <translation>Збільшити пензель і гумку.</translation>
    </message>
    <message>
        <source>Brush Softer</source>
        <translation>М’якший пензель</translation>
    </message>
    <message>
        <source>Make the edge of the brush softer.</source>
        <translation>Зробити край пензля м’якшим.</translation>
    </message>
    <message>
        <source>Brush Harder</source>
        <translation>Твердіший пензель</translation>
    </message>
    <message>
        <source>Make the edge of the brush harder.</source>
        <translation>Зробити край пензля твердішим.</translation>
    </message>
    <message>
        <source>Swap Brush and Eraser</source>
        <translation>Поміняти пензель і гумку</translation>
    </message>
    <message>
        <source>Change between brush and eraser.</source>
        <translation>Перемкнутися між пензлем і гумкою.</translation>
    </message>
    <message>
        <source>&amp;Models…</source>
        <translation>Мод&amp;елі…</translation>
    </message>
    <message>
        <source>See which models are here, and get others.</source>
        <translation>Подивитися, які моделі тут є, і взяти інші.</translation>
    </message>
    <message>
        <source>Better Selecting and Remo&amp;ving…</source>
        <translation>&amp;Краще виділення й вилучення…</translation>
    </message>
    <message>
        <source>Get small models that run on any computer: EdgeTAM, LaMa and U-2-Net, 266 MB.</source>
        <translation>Отримати малі моделі, що працюють на будь-якому комп’ютері: EdgeTAM, LaMa та U-2-Net, 266 МБ.</translation>
    </message>
    <message>
        <source>&amp;Servers…</source>
        <translation>&amp;Сервери…</translation>
    </message>
    <message>
        <source>Let ComfyUI servers of yours work for Lacuna.</source>
        <translation>Дати роботу вашим серверам ComfyUI.</translation>
    </message>
    <message>
        <source>Brush Opacity by Digit</source>
        <translation>Непрозорість пензля цифрою</translation>
    </message>
    <message>
        <source>Set the opacity of the brush to ten times the digit, 0 to all of it.</source>
        <translation>Задати непрозорість пензля цифрою в десятках відсотків; 0 — повну.</translation>
    </message>
    <message>
        <source>Open a picture first.</source>
        <translation>Спочатку відкрийте зображення.</translation>
    </message>
    <message>
        <source>Select something first: click an object with the Object tool.</source>
        <translation>Спочатку щось виділіть: клацніть об’єкт інструментом «Об’єкт».</translation>
    </message>
    <message>
        <source>There is no earlier selection to bring back.</source>
        <translation>Немає попереднього виділення, яке можна повернути.</translation>
    </message>
    <message>
        <source>There is nothing to take back.</source>
        <translation>Немає чого скасовувати.</translation>
    </message>
    <message>
        <source>There is nothing to do again.</source>
        <translation>Немає чого повторювати.</translation>
    </message>
    <message>
        <source>There are no points: click an object with the Object tool.</source>
        <translation>Точок немає: клацніть об’єкт інструментом «Об’єкт».</translation>
    </message>
    <message>
        <source>The last click gave no second answer.</source>
        <translation>Останнє клацання не дало другої відповіді.</translation>
    </message>
    <message>
        <source>No object is shown in the list: store a selection first.</source>
        <translation>У списку не показано жодного об’єкта: спочатку збережіть виділення.</translation>
    </message>
    <message>
        <source>Choose an object in the list first.</source>
        <translation>Спочатку виберіть об’єкт у списку.</translation>
    </message>
    <message>
        <source>Find something first, and check what is to be taken.</source>
        <translation>Спершу знайдіть щось і позначте, що взяти.</translation>
    </message>
    <message>
        <source>Remove something first.</source>
        <translation>Спочатку щось приберіть.</translation>
    </message>
    <message>
        <source>There is no variant: ask for another one after a removal.</source>
        <translation>Варіантів немає: попросіть інший після прибирання.</translation>
    </message>
    <message>
        <source>Look at a variant that the picture does not show yet.</source>
        <translation>Перегляньте варіант, якого на зображенні ще немає.</translation>
    </message>
    <message>
        <source>Look at a painted variant first.</source>
        <translation>Спершу перегляньте намальований варіант.</translation>
    </message>
    <message>
        <source>No task is running.</source>
        <translation>Жодне завдання не виконується.</translation>
    </message>
    <message>
        <source>Take the brush or the eraser first.</source>
        <translation>Спочатку візьміть пензель або гумку.</translation>
    </message>
    <message>
        <source>Replace the selection</source>
        <translation>Замінити виділення</translation>
    </message>
    <message>
        <source>Add to the selection (Shift)</source>
        <translation>Додати до виділення (Shift)</translation>
    </message>
    <message>
        <source>Subtract from the selection (Alt)</source>
        <translation>Відняти від виділення (Alt)</translation>
    </message>
    <message>
        <source>Keep what is in both (Shift+Alt)</source>
        <translation>Залишити спільне (Shift+Alt)</translation>
    </message>
    <message>
        <source>&amp;Find by Text…</source>
        <translation>Знай&amp;ти за текстом…</translation>
    </message>
    <message>
        <source>Name what is to be selected: all of its kind are found.</source>
        <translation>Назвіть, що виділити: буде знайдено все таке.</translation>
    </message>
    <message>
        <source>&amp;Select Found</source>
        <translation>&amp;Виділити знайдене</translation>
    </message>
    <message>
        <source>Select all finds that are checked, together.</source>
        <translation>Виділити разом усе позначене зі знайденого.</translation>
    </message>
    <message>
        <source>Add F&amp;ound</source>
        <translation>&amp;Додати знайдене</translation>
    </message>
    <message>
        <source>Add the finds that are checked to the selection.</source>
        <translation>Додати позначене зі знайденого до виділення.</translation>
    </message>
    <message>
        <source>Su&amp;btract Found</source>
        <translation>Відн&amp;яти знайдене</translation>
    </message>
    <message>
        <source>Take the finds that are checked out of the selection.</source>
        <translation>Прибрати позначене зі знайденого з виділення.</translation>
    </message>
    <message>
        <source>Store &amp;Found as Objects</source>
        <translation>Збере&amp;гти знайдене як об’єкти</translation>
    </message>
    <message>
        <source>Keep each find that is checked in the list of objects.</source>
        <translation>Зберегти кожну позначену знахідку в списку об’єктів.</translation>
    </message>
    <message>
        <source>Free Memory of Models</source>
        <translation>Звільнити пам’ять моделей</translation>
    </message>
    <message>
        <source>End the process that holds models; it starts again when it is needed.</source>
        <translation>Завершити процес, що тримає моделі; він запуститься знову, коли буде потрібен.</translation>
    </message>
    <message>
        <source>Paint by the prompt where it is selected; nothing applies itself.</source>
        <translation>Малювати за запитом там, де виділено; нічого не застосовується саме.</translation>
    </message>
    <message>
        <source>&amp;Remove, Then Paint</source>
        <translation>В&amp;илучити, потім малювати</translation>
    </message>
    <message>
        <source>Remove what is selected, then paint in its place.</source>
        <translation>Вилучити виділене, потім малювати на його місці.</translation>
    </message>
    <message>
        <source>Make &amp;Again</source>
        <translation>Зробити &amp;ще раз</translation>
    </message>
    <message>
        <source>Paint the variant you look at once more, exactly as it was asked for.</source>
        <translation>Намалювати варіант, який ви переглядаєте, ще раз, точно так, як його замовлено.</translation>
    </message>
    <message>
        <source>&amp;Use Its Settings</source>
        <translation>Взяти &amp;його налаштування</translation>
    </message>
    <message>
        <source>Set the panel as it was when the variant you look at was asked for.</source>
        <translation>Налаштувати панель так, як було, коли замовляли цей варіант.</translation>
    </message>
    <message>
        <source>&amp;Write the Prompt</source>
        <translation>Написати &amp;запит</translation>
    </message>
    <message>
        <source>Show the Paint panel and write what is to be painted.</source>
        <translation>Показати панель «Малювання» й написати, що намалювати.</translation>
    </message>
    <message>
        <source>Select Sub&amp;ject</source>
        <translation>Виділити &amp;головний об’єкт</translation>
    </message>
    <message>
        <source>Select what the picture shows before all else: a person, an animal, a thing.</source>
        <translation>Виділити те, що передусім показує зображення: людину, тварину, річ.</translation>
    </message>
    <message>
        <source>&amp;Transparency</source>
        <translation>Прозоріст&amp;ь</translation>
    </message>
    <message>
        <source>Select what is transparent in the picture.</source>
        <translation>Виділити прозоре на зображенні.</translation>
    </message>
    <message>
        <source>&amp;Open Mask…</source>
        <translation>Відкрити &amp;маску…</translation>
    </message>
    <message>
        <source>Make a mask file the selection: white, or transparency, marks.</source>
        <translation>Зробити файл маски виділенням: позначає біле або прозорість.</translation>
    </message>
    <message>
        <source>&amp;Paste as Mask</source>
        <translation>&amp;Вставити як маску</translation>
    </message>
    <message>
        <source>Make the picture on the clipboard the selection, as a mask file would be.</source>
        <translation>Зробити зображення з буфера обміну виділенням, як файл маски.</translation>
    </message>
    <message>
        <source>Export &amp;Report…</source>
        <translation>Експортува&amp;ти звіт…</translation>
    </message>
    <message>
        <source>Write how the picture was made, and proof of what did not change.</source>
        <translation>Записати, як зроблено зображення, і доказ того, що не змінилося.</translation>
    </message>
    <message>
        <source>Models that do it are here, or are on their way.</source>
        <translation>Моделі для цього вже є або саме завантажуються.</translation>
    </message>
</context>
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Lacuna</source>
        <translation>Про Lacuna</translation>
    </message>
    <message>
        <source>Version %1</source>
        <translation>Версія %1</translation>
    </message>
    <message>
        <source>Click an object, refine the mask, remove it, and nothing else changes.</source>
        <translation>Клацніть об’єкт, уточніть маску, приберіть його — і більше нічого не зміниться.</translation>
    </message>
    <message>
        <source>Credits</source>
        <translation>Подяки</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Ліцензія</translation>
    </message>
    <message>
        <source>Icons</source>
        <translation>Піктограми</translation>
    </message>
</context>
<context>
    <name>AdvancedSettings</name>
    <message>
        <source>Avoid</source>
        <translation>Уникати</translation>
    </message>
    <message>
        <source>What shall not be there?</source>
        <translation>Чого там не має бути?</translation>
    </message>
    <message>
        <source>&amp;Steps</source>
        <translation>&amp;Кроки</translation>
    </message>
    <message>
        <source>More steps take longer; beyond 30 little changes.</source>
        <translation>Більше кроків триває довше; понад 30 мало що змінюється.</translation>
    </message>
    <message>
        <source>&amp;Guidance</source>
        <translation>К&amp;ерування</translation>
    </message>
    <message>
        <source>How closely the prompt is followed (CFG).</source>
        <translation>Наскільки точно слідувати запиту (CFG).</translation>
    </message>
    <message>
        <source>St&amp;rength</source>
        <translation>С&amp;ила</translation>
    </message>
    <message>
        <source>How much of what it starts from may change (denoise).</source>
        <translation>Наскільки може змінитися початкове (denoise).</translation>
    </message>
    <message>
        <source>Sa&amp;mpler</source>
        <translation>Семп&amp;лер</translation>
    </message>
    <message>
        <source>Sche&amp;duler</source>
        <translation>Розкла&amp;д</translation>
    </message>
    <message>
        <source>Start &amp;from</source>
        <translation>Починати &amp;з</translation>
    </message>
    <message>
        <source>What lies under the selection when painting begins.</source>
        <translation>Що лежить під виділенням, коли починається малювання.</translation>
    </message>
    <message>
        <source>Refine large &amp;holes</source>
        <translation>Уточнювати великі &amp;отвори</translation>
    </message>
    <message>
        <source>A second pass at full size, where the hole exceeds the model&apos;s.</source>
        <translation>Другий прохід у повному розмірі, якщо отвір більший, ніж у моделі.</translation>
    </message>
    <message>
        <source>A&amp;void</source>
        <translation>&amp;Уникати</translation>
    </message>
</context>
<context>
    <name>Announcements</name>
    <message numerus="yes">
        <source>%n task(s) of this picture wait for the server.</source>
        <translation>
            <numerusform>%n завдання цього зображення чекає на сервер.</numerusform>
            <numerusform>%n завдання цього зображення чекають на сервер.</numerusform>
            <numerusform>%n завдань цього зображення чекають на сервер.</numerusform>
        </translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Відкинути</translation>
    </message>
    <message>
        <source>They go on as soon as it answers.</source>
        <translation>Вони підуть далі, щойно він відповість.</translation>
    </message>
    <message>
        <source>This picture says how it was painted.</source>
        <translation>Це зображення каже, як його намальовано.</translation>
    </message>
    <message>
        <source>Use Its Prompt and Settings</source>
        <translation>Взяти його запит і налаштування</translation>
    </message>
    <message>
        <source>{model} is here.</source>
        <translation>{model} тепер тут.</translation>
    </message>
    <message>
        <source>{name} is written.</source>
        <translation>{name} записано.</translation>
    </message>
    <message>
        <source>Some settings could not be read; their defaults are used.</source>
        <translation>Деякі налаштування не вдалося прочитати; замість них узято типові.</translation>
    </message>
    <message>
        <source>Export Report…</source>
        <translation>Експортувати звіт…</translation>
    </message>
</context>
<context>
    <name>Application</name>
    <message>
        <source>Lacuna cannot write to {folder}: there will be no log, and what is not saved cannot be recovered after a crash. Give yourself the right to write there.</source>
        <translation>Lacuna не може писати в {folder}: не буде журналу, і незбережене не вдасться відновити після збою. Надайте собі право писати туди.</translation>
    </message>
</context>
<context>
    <name>Autosave</name>
    <message>
        <source>a picture without a name</source>
        <translation>зображення без назви</translation>
    </message>
    <message>
        <source>Lacuna ended before {name} was saved. All edits are still there.</source>
        <translation>Lacuna завершилася, перш ніж {name} було збережено. Усі зміни збереглися.</translation>
    </message>
    <message numerus="yes">
        <source>%n change(s), the last on {when}.</source>
        <translation>
            <numerusform>%n зміна, остання — {when}.</numerusform>
            <numerusform>%n зміни, остання — {when}.</numerusform>
            <numerusform>%n змін, остання — {when}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more document(s) can be recovered afterwards.</source>
        <translation>
            <numerusform>Потім можна відновити ще %n документ.</numerusform>
            <numerusform>Потім можна відновити ще %n документи.</numerusform>
            <numerusform>Потім можна відновити ще %n документів.</numerusform>
        </translation>
    </message>
    <message>
        <source>Recover</source>
        <translation>Відновити</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Відкинути</translation>
    </message>
    <message>
        <source>Recovered. Save it to keep it.</source>
        <translation>Відновлено. Збережіть, щоб не втратити.</translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message>
        <source>Picture</source>
        <translation>Зображення</translation>
    </message>
    <message>
        <source>Arrow keys move a crosshair, Enter acts there; the wheel zooms.</source>
        <translation>Стрілки рухають приціл, Enter діє в ньому; коліщатко змінює масштаб.</translation>
    </message>
</context>
<context>
    <name>ClickSelector</name>
    <message>
        <source>No object was found there. Try a box, or paint with the brush.</source>
        <translation>Там не знайдено об’єкта. Спробуйте рамку або зафарбуйте пензлем.</translation>
    </message>
</context>
<context>
    <name>CloseQuestion</name>
    <message>
        <source>&amp;Export…</source>
        <translation>&amp;Експортувати…</translation>
    </message>
    <message>
        <source>&amp;Save project</source>
        <translation>&amp;Зберегти проєкт</translation>
    </message>
    <message>
        <source>Keep the selections of {name}?</source>
        <translation>Зберегти виділення в {name}?</translation>
    </message>
    <message>
        <source>The retouched picture {name} is in no file yet.</source>
        <translation>Ретушованого зображення {name} ще немає в жодному файлі.</translation>
    </message>
    <message>
        <source>The picture itself is in a file. A project also keeps masks, points and variants.</source>
        <translation>Саме зображення є у файлі. Проєкт зберігає також маски, точки й варіанти.</translation>
    </message>
    <message>
        <source>Export writes the finished picture. A project also keeps masks, points and variants.</source>
        <translation>Експорт записує готове зображення. Проєкт зберігає також маски, точки й варіанти.</translation>
    </message>
</context>
<context>
    <name>Comparison</name>
    <message>
        <source>Original</source>
        <translation>Оригінал</translation>
    </message>
    <message>
        <source>Picture as it is</source>
        <translation>Зображення як є</translation>
    </message>
    <message>
        <source>Painted {number}</source>
        <translation>Намальоване {number}</translation>
    </message>
    <message>
        <source>Removed {number}</source>
        <translation>Вилучене {number}</translation>
    </message>
</context>
<context>
    <name>Docks</name>
    <message>
        <source>Selection</source>
        <translation>Виділення</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>Об’єкти</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>Знайти</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Історія</translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation>Завдання</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>Малювання</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Прибирання</translation>
    </message>
    <message>
        <source>&amp;Panels</source>
        <translation>&amp;Панелі</translation>
    </message>
</context>
<context>
    <name>Editor</name>
    <message>
        <source>{name} is open already: this is its window.</source>
        <translation>{name} вже відкрито: це його вікно.</translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Drop a picture here</source>
        <translation>Перетягніть зображення сюди</translation>
    </message>
    <message>
        <source>Open, click an object, remove it, export.</source>
        <translation>Відкрийте, клацніть об’єкт, приберіть його, експортуйте.</translation>
    </message>
    <message>
        <source>&amp;Open…</source>
        <translation>&amp;Відкрити…</translation>
    </message>
    <message>
        <source>&amp;Paste</source>
        <translation>В&amp;ставити</translation>
    </message>
    <message>
        <source>&amp;Sample picture</source>
        <translation>&amp;Зразок</translation>
    </message>
    <message>
        <source>&amp;Recent</source>
        <translation>&amp;Недавні</translation>
    </message>
    <message>
        <source>Recent files</source>
        <translation>Недавні файли</translation>
    </message>
    <message>
        <source>%1 (no longer there)</source>
        <translation>%1 (файлу вже немає)</translation>
    </message>
</context>
<context>
    <name>EngineLabel</name>
    <message>
        <source>Basic mode until {model} has read the picture…</source>
        <translation>Базовий режим, поки {model} читає зображення…</translation>
    </message>
    <message>
        <source>Basic mode, reading the picture…</source>
        <translation>Базовий режим, читання зображення…</translation>
    </message>
</context>
<context>
    <name>Engines</name>
    <message>
        <source>{model} on the server</source>
        <translation>{model} на сервері</translation>
    </message>
    <message>
        <source>Basic mode</source>
        <translation>Базовий режим</translation>
    </message>
    <message>
        <source>No engine</source>
        <translation>Немає рушія</translation>
    </message>
    <message>
        <source>The libraries that run models are not installed: install Lacuna with its local engine.</source>
        <translation>Бібліотеки для запуску моделей не встановлено: установіть Lacuna з локальним рушієм.</translation>
    </message>
    <message>
        <source>The libraries that run models do not load: install Lacuna with its local engine again.</source>
        <translation>Бібліотеки для запуску моделей не завантажуються: установіть Lacuna з локальним рушієм знову.</translation>
    </message>
    <message>
        <source>No server is set up: add yours in the servers window.</source>
        <translation>Жодного сервера не налаштовано: додайте свій у вікні серверів.</translation>
    </message>
    <message>
        <source>No server can do it now: see the servers window.</source>
        <translation>Зараз жоден сервер цього не може: дивіться вікно серверів.</translation>
    </message>
    <message>
        <source>{model} cannot be used: see the models window.</source>
        <translation>{model} не можна використати: дивіться вікно моделей.</translation>
    </message>
    <message>
        <source>processor</source>
        <translation>процесор</translation>
    </message>
    <message>
        <source>This computer has an NVIDIA card, and the installed libraries cannot use it: models run on the processor, many times slower. Install the libraries for CUDA.</source>
        <translation>У цьому комп’ютері є карта NVIDIA, але встановлені бібліотеки не можуть її використати: моделі працюють на процесорі, у багато разів повільніше. Установіть бібліотеки для CUDA.</translation>
    </message>
    <message>
        <source>Basic mode: built in, it fills from the surroundings.</source>
        <translation>Базовий режим: вбудований, заповнює з того, що навколо.</translation>
    </message>
    <message>
        <source>Basic mode: built in, it goes by colours and edges.</source>
        <translation>Базовий режим: вбудований, орієнтується на кольори та краї.</translation>
    </message>
    <message>
        <source>it knows objects.</source>
        <translation>знає предмети.</translation>
    </message>
    <message>
        <source>it finds what you name.</source>
        <translation>знаходить те, що ви назвете.</translation>
    </message>
    <message>
        <source>it continues what surrounds the hole.</source>
        <translation>продовжує те, що навколо отвору.</translation>
    </message>
    <message>
        <source>it paints what you describe.</source>
        <translation>малює те, що ви опишете.</translation>
    </message>
    <message>
        <source>That server has no card, so it takes its time.</source>
        <translation>Той сервер не має відеокарти, тож це потребує часу.</translation>
    </message>
    <message>
        <source>It runs on the processor: basic mode answers until it has read the picture.</source>
        <translation>Працює на процесорі: поки зображення читається, відповідає базовий режим.</translation>
    </message>
    <message>
        <source>It runs on the processor, which takes its time.</source>
        <translation>Працює на процесорі, тож потребує часу.</translation>
    </message>
    <message>
        <source>Finding by text needs SAM 3: get it in the models window.</source>
        <translation>Для пошуку за текстом потрібна SAM 3: візьміть її у вікні моделей.</translation>
    </message>
    <message>
        <source>Painting needs a base model: get one in the models window.</source>
        <translation>Для малювання потрібна базова модель: візьміть її у вікні моделей.</translation>
    </message>
    <message>
        <source>A small model that any computer runs knows objects: EdgeTAM.</source>
        <translation>Мала модель, яку виконає будь-який комп’ютер, знає об’єкти: EdgeTAM.</translation>
    </message>
    <message>
        <source>A small model that any computer runs continues patterns: LaMa.</source>
        <translation>Мала модель, яку виконає будь-який комп’ютер, продовжує візерунки: LaMa.</translation>
    </message>
    <message>
        <source>{model} computes wrongly on this computer: see the models window.</source>
        <translation>{model} обчислює на цьому комп’ютері неправильно: дивіться вікно моделей.</translation>
    </message>
    <message>
        <source>SAM 3 would read each picture for minutes on this processor: to have it answer, choose “Models on this computer” in the settings.</source>
        <translation>SAM 3 читала б на цьому процесорі кожне зображення кілька хвилин: щоб відповідала вона, виберіть у налаштуваннях «Моделі на цьому комп’ютері».</translation>
    </message>
    <message>
        <source>LaMa continues more exactly: get it in the models window.</source>
        <translation>LaMa продовжує точніше: візьміть її у вікні моделей.</translation>
    </message>
    <message>
        <source>it sees what a picture shows.</source>
        <translation>бачить, що показує зображення.</translation>
    </message>
    <message>
        <source>A small model that any computer runs sees the subject: U-2-Net (5 MB).</source>
        <translation>Мала модель, яку виконає будь-який комп’ютер, бачить головний об’єкт: U-2-Net (5 МБ).</translation>
    </message>
    <message>
        <source>Basic mode: built in, it marks what differs in colour from the edges.</source>
        <translation>Базовий режим: вбудований, позначає те, що відрізняється кольором від країв зображення.</translation>
    </message>
    <message>
        <source>IS-Net outlines more finely: get it in the models window.</source>
        <translation>IS-Net окреслює точніше: візьміть її у вікні моделей.</translation>
    </message>
</context>
<context>
    <name>Explain</name>
    <message>
        <source>Open another…</source>
        <translation>Відкрити інший…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Експорт…</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Спробувати ще раз</translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation>Копіювати діагностику</translation>
    </message>
    <message>
        <source>Open log folder</source>
        <translation>Відкрити теку журналу</translation>
    </message>
    <message>
        <source>Servers…</source>
        <translation>Сервери…</translation>
    </message>
    <message>
        <source>Object tool</source>
        <translation>Інструмент «Об’єкт»</translation>
    </message>
    <message>
        <source>the picture</source>
        <translation>зображення</translation>
    </message>
    <message>
        <source>{count} more</source>
        <translation>ще {count}</translation>
    </message>
    <message>
        <source>run this workflow</source>
        <translation>виконати цей робочий процес</translation>
    </message>
    <message>
        <source>Cannot open {name}.</source>
        <translation>Не вдалося відкрити {name}.</translation>
    </message>
    <message>
        <source>It is not a picture of a format that Lacuna reads.</source>
        <translation>Це не зображення у форматі, який читає Lacuna.</translation>
    </message>
    <message>
        <source>The file is missing, or you may not read it.</source>
        <translation>Файлу немає, або ви не маєте права його читати.</translation>
    </message>
    <message>
        <source>Check that it is still there and whose it is.</source>
        <translation>Перевірте, чи він ще на місці та кому належить.</translation>
    </message>
    <message>
        <source>The file is damaged or cut off.</source>
        <translation>Файл пошкоджено або обрізано.</translation>
    </message>
    <message>
        <source>Copy it again from where it came, or open another.</source>
        <translation>Скопіюйте його ще раз звідти, звідки він узявся, або відкрийте інший.</translation>
    </message>
    <message>
        <source>It asks for more than is allowed ({what}: {found}, at most {limit}).</source>
        <translation>Він вимагає більше, ніж дозволено ({what}: {found}, щонайбільше {limit}).</translation>
    </message>
    <message>
        <source>{name} is too large.</source>
        <translation>{name}: завеликий розмір.</translation>
    </message>
    <message>
        <source>Nothing was loaded. Open a smaller version of it.</source>
        <translation>Нічого не завантажено. Відкрийте його меншу версію.</translation>
    </message>
    <message>
        <source>pixels</source>
        <translation>пікселі</translation>
    </message>
    <message>
        <source>pixels along one side</source>
        <translation>пікселі вздовж однієї сторони</translation>
    </message>
    <message>
        <source>bytes of the file</source>
        <translation>байти файлу</translation>
    </message>
    <message>
        <source>bytes of metadata</source>
        <translation>байти метаданих</translation>
    </message>
    <message>
        <source>bytes of the colour profile</source>
        <translation>байти колірного профілю</translation>
    </message>
    <message>
        <source>frames</source>
        <translation>кадри</translation>
    </message>
    <message>
        <source>pieces of the picture</source>
        <translation>частини зображення</translation>
    </message>
    <message>
        <source>Cannot write {name}.</source>
        <translation>Не вдалося записати {name}.</translation>
    </message>
    <message>
        <source>What was there before is unchanged.</source>
        <translation>Те, що там було раніше, не змінилося.</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>Виберіть іншу теку.</translation>
    </message>
    <message>
        <source>You may not write there.</source>
        <translation>Ви не маєте права туди писати.</translation>
    </message>
    <message>
        <source>Choose a folder of your own.</source>
        <translation>Виберіть власну теку.</translation>
    </message>
    <message>
        <source>That place can only be read.</source>
        <translation>Це місце доступне лише для читання.</translation>
    </message>
    <message>
        <source>The folder does not exist.</source>
        <translation>Такої теки немає.</translation>
    </message>
    <message>
        <source>The name is too long.</source>
        <translation>Назва задовга.</translation>
    </message>
    <message>
        <source>Choose a shorter name.</source>
        <translation>Виберіть коротшу назву.</translation>
    </message>
    <message>
        <source>Lacuna does not write this format.</source>
        <translation>Lacuna не записує цей формат.</translation>
    </message>
    <message>
        <source>Choose PNG, JPEG, WebP, TIFF or AVIF.</source>
        <translation>Виберіть PNG, JPEG, WebP, TIFF або AVIF.</translation>
    </message>
    <message>
        <source>The format does not allow a picture as large as this.</source>
        <translation>Формат не допускає такого великого зображення.</translation>
    </message>
    <message>
        <source>Choose PNG or TIFF.</source>
        <translation>Виберіть PNG або TIFF.</translation>
    </message>
    <message>
        <source>The format has no transparency.</source>
        <translation>Формат не має прозорості.</translation>
    </message>
    <message>
        <source>Choose PNG, WebP, TIFF or AVIF.</source>
        <translation>Виберіть PNG, WebP, TIFF або AVIF.</translation>
    </message>
    <message>
        <source>The picture could not be put into this format.</source>
        <translation>Зображення не вдалося записати в цьому форматі.</translation>
    </message>
    <message>
        <source>The system takes no file there.</source>
        <translation>Система не приймає там файлів.</translation>
    </message>
    <message>
        <source>The disk or the system refused it.</source>
        <translation>Диск або система відмовили.</translation>
    </message>
    <message>
        <source>{needed} MB are needed and {free} MB are free. What was there before is unchanged.</source>
        <translation>Потрібно {needed} МБ, вільно {free} МБ. Те, що там було раніше, не змінилося.</translation>
    </message>
    <message>
        <source>No room on the disk for {name}.</source>
        <translation>На диску немає місця для {name}.</translation>
    </message>
    <message>
        <source>Make room, or choose another disk, and try again.</source>
        <translation>Звільніть місце або виберіть інший диск і спробуйте ще раз.</translation>
    </message>
    <message>
        <source>It holds too much ({what}: {found}, at most {limit}).</source>
        <translation>У ньому забагато ({what}: {found}, щонайбільше {limit}).</translation>
    </message>
    <message>
        <source>Cannot save the project {name}.</source>
        <translation>Не вдалося зберегти проєкт {name}.</translation>
    </message>
    <message>
        <source>Discard variants and delete objects that you no longer need, then save again.</source>
        <translation>Відкиньте варіанти й видаліть об’єкти, які більше не потрібні, а тоді збережіть ще раз.</translation>
    </message>
    <message>
        <source>Nothing was loaded. Open another.</source>
        <translation>Нічого не завантажено. Відкрийте інший.</translation>
    </message>
    <message>
        <source>parts</source>
        <translation>частин</translation>
    </message>
    <message>
        <source>bytes of the list of its parts</source>
        <translation>байтів переліку його частин</translation>
    </message>
    <message>
        <source>bytes of one part</source>
        <translation>байтів однієї частини</translation>
    </message>
    <message>
        <source>bytes of names and settings</source>
        <translation>байтів назв і налаштувань</translation>
    </message>
    <message>
        <source>bytes of variants and objects</source>
        <translation>байтів варіантів і об’єктів</translation>
    </message>
    <message>
        <source>entries of one list</source>
        <translation>записів одного переліку</translation>
    </message>
    <message>
        <source>Cannot open the project {name}.</source>
        <translation>Не вдалося відкрити проєкт {name}.</translation>
    </message>
    <message>
        <source>Open another.</source>
        <translation>Відкрийте інший.</translation>
    </message>
    <message>
        <source>The file is not there.</source>
        <translation>Файлу там немає.</translation>
    </message>
    <message>
        <source>Look where it was moved to, or open another.</source>
        <translation>Подивіться, куди його переміщено, або відкрийте інший.</translation>
    </message>
    <message>
        <source>You may not read it.</source>
        <translation>Ви не маєте права його читати.</translation>
    </message>
    <message>
        <source>Ask whoever owns it, or open another.</source>
        <translation>Зверніться до власника або відкрийте інший.</translation>
    </message>
    <message>
        <source>A newer version of Lacuna made it.</source>
        <translation>Його створила новіша версія Lacuna.</translation>
    </message>
    <message>
        <source>Install that version to open it.</source>
        <translation>Установіть ту версію, щоб його відкрити.</translation>
    </message>
    <message>
        <source>The picture is no longer the one that these edits belong to.</source>
        <translation>Зображення вже не те, до якого належать ці зміни.</translation>
    </message>
    <message>
        <source>Put the picture back as it was, and try again.</source>
        <translation>Поверніть зображення, яким воно було, і спробуйте ще раз.</translation>
    </message>
    <message>
        <source>Another window of Lacuna has it open.</source>
        <translation>Його відкрито в іншому вікні Lacuna.</translation>
    </message>
    <message>
        <source>The file is damaged, or no project of Lacuna.</source>
        <translation>Файл пошкоджено, або це не проєкт Lacuna.</translation>
    </message>
    <message>
        <source>Open an earlier copy. Any zip program can take the picture out of it: it is called mergedimage.png.</source>
        <translation>Відкрийте ранішу копію. Будь-яка програма для zip може дістати з нього зображення: воно називається mergedimage.png.</translation>
    </message>
    <message>
        <source>The disk is full.</source>
        <translation>Диск заповнено.</translation>
    </message>
    <message>
        <source>Make room, or save the project on another disk.</source>
        <translation>Звільніть місце або збережіть проєкт на іншому диску.</translation>
    </message>
    <message>
        <source>Close other programs, and save the project.</source>
        <translation>Закрийте інші програми й збережіть проєкт.</translation>
    </message>
    <message>
        <source>Save the project.</source>
        <translation>Збережіть проєкт.</translation>
    </message>
    <message>
        <source>The last edits are not safe from a crash yet.</source>
        <translation>Останні зміни ще не захищено від збою.</translation>
    </message>
    <message>
        <source>Lacuna keeps them, and tries again.</source>
        <translation>Lacuna зберігає їх у пам’яті й спробує ще раз.</translation>
    </message>
    <message>
        <source>Save project</source>
        <translation>Зберегти проєкт</translation>
    </message>
    <message>
        <source>Nothing is selected.</source>
        <translation>Нічого не виділено.</translation>
    </message>
    <message>
        <source>Click an object with the Object tool, or paint over it, first.</source>
        <translation>Спочатку клацніть об’єкт інструментом «Об’єкт» або зафарбуйте його.</translation>
    </message>
    <message>
        <source>No object was found there.</source>
        <translation>Там не знайдено об’єкта.</translation>
    </message>
    <message>
        <source>Click nearer to its middle, drag a box around it, or paint it.</source>
        <translation>Клацніть ближче до його середини, обведіть рамкою або зафарбуйте.</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>Пензель</translation>
    </message>
    <message>
        <source>The selection covers {percent} % of the picture.</source>
        <translation>Виділення займає {percent} % зображення.</translation>
    </message>
    <message>
        <source>Too little is left to fill from.</source>
        <translation>Залишилося замало, щоб було з чого заповнювати.</translation>
    </message>
    <message>
        <source>Select less, or remove one part after the other.</source>
        <translation>Виділіть менше або прибирайте частину за частиною.</translation>
    </message>
    <message>
        <source>Shrink the selection</source>
        <translation>Звузити виділення</translation>
    </message>
    <message>
        <source>The engine “{engine}” cannot do this: {task}.</source>
        <translation>Рушій «{engine}» цього не вміє: {task}.</translation>
    </message>
    <message>
        <source>This engine cannot do that.</source>
        <translation>Цей рушій такого не вміє.</translation>
    </message>
    <message>
        <source>Select by brush or lasso, or choose another engine in the settings.</source>
        <translation>Виділіть пензлем чи ласо або виберіть інший рушій у налаштуваннях.</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Налаштування…</translation>
    </message>
    <message>
        <source>select by click</source>
        <translation>виділити клацанням</translation>
    </message>
    <message>
        <source>select by box</source>
        <translation>виділити рамкою</translation>
    </message>
    <message>
        <source>find by text</source>
        <translation>знайти за текстом</translation>
    </message>
    <message>
        <source>remove</source>
        <translation>прибрати</translation>
    </message>
    <message>
        <source>paint</source>
        <translation>малювати</translation>
    </message>
    <message>
        <source>The recipe cannot be run.</source>
        <translation>Рецепт не можна виконати.</translation>
    </message>
    <message>
        <source>Correct this line of the recipe and run it again.</source>
        <translation>Виправте цей рядок рецепта й запустіть його знову.</translation>
    </message>
    <message>
        <source>The engine “{engine}” stopped.</source>
        <translation>Рушій «{engine}» зупинився.</translation>
    </message>
    <message>
        <source>Your picture and your selection are unchanged.</source>
        <translation>Зображення й виділення не змінилися.</translation>
    </message>
    <message>
        <source>Try again. If it stops again, copy the diagnostics into a report.</source>
        <translation>Спробуйте ще раз. Якщо він знову зупиниться, скопіюйте діагностику до звіту.</translation>
    </message>
    <message>
        <source>The system ended it: most likely memory ran out.</source>
        <translation>Його завершила система: найімовірніше, забракло пам’яті.</translation>
    </message>
    <message>
        <source>Close other programs, or take a smaller model, and try again.</source>
        <translation>Закрийте інші програми або візьміть меншу модель і спробуйте ще раз.</translation>
    </message>
    <message>
        <source>The task needs {needed} MB and {free} MB are free.</source>
        <translation>Завданню потрібно {needed} МБ, а вільно {free} МБ.</translation>
    </message>
    <message>
        <source>Not enough memory.</source>
        <translation>Не вистачає пам’яті.</translation>
    </message>
    <message>
        <source>Close other programs, or select a smaller part, and try again.</source>
        <translation>Закрийте інші програми або виділіть меншу частину й спробуйте ще раз.</translation>
    </message>
    <message>
        <source>Something went wrong inside Lacuna.</source>
        <translation>Усередині Lacuna щось пішло не так.</translation>
    </message>
    <message>
        <source>Your picture is unchanged, and what happened stands in the log.</source>
        <translation>Зображення не змінилося, а про те, що сталося, записано в журналі.</translation>
    </message>
    <message>
        <source>Save your work, and copy the diagnostics into a report.</source>
        <translation>Збережіть роботу й скопіюйте діагностику до звіту.</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>Моделі…</translation>
    </message>
    <message>
        <source>What has arrived is kept, and goes on next time.</source>
        <translation>Те, що вже отримано, збережено, і наступного разу завантаження продовжиться.</translation>
    </message>
    <message>
        <source>{host} cannot be reached.</source>
        <translation>Немає зв’язку з {host}.</translation>
    </message>
    <message>
        <source>Check the connection to the Internet, and try again.</source>
        <translation>Перевірте з’єднання з інтернетом і спробуйте ще раз.</translation>
    </message>
    <message>
        <source>Open its page</source>
        <translation>Відкрити сторінку</translation>
    </message>
    <message>
        <source>{repo} asks who you are.</source>
        <translation>{repo} запитує, хто ви.</translation>
    </message>
    <message>
        <source>Its owner gives it to those who have accepted the licence.</source>
        <translation>Власник дає доступ тим, хто прийняв ліцензію.</translation>
    </message>
    <message>
        <source>Accept the licence on its page, and enter your access token in the models window.</source>
        <translation>Прийміть ліцензію на сторінці моделі та введіть свій токен доступу у вікні моделей.</translation>
    </message>
    <message>
        <source>You have no access to {repo} yet.</source>
        <translation>У вас ще немає доступу до {repo}.</translation>
    </message>
    <message>
        <source>The licence is not accepted, or the owner has not agreed so far.</source>
        <translation>Ліцензію не прийнято, або власник ще не дав згоди.</translation>
    </message>
    <message>
        <source>Accept the licence on its page, or choose another model until then.</source>
        <translation>Прийміть ліцензію на сторінці моделі або поки що виберіть іншу модель.</translation>
    </message>
    <message>
        <source>{name} is not on the server any more.</source>
        <translation>{name} більше немає на сервері.</translation>
    </message>
    <message>
        <source>Choose another model, or update Lacuna.</source>
        <translation>Виберіть іншу модель або оновіть Lacuna.</translation>
    </message>
    <message>
        <source>{name} could not be downloaded.</source>
        <translation>Не вдалося завантажити {name}.</translation>
    </message>
    <message>
        <source>Try again later, or enter another mirror in the models window.</source>
        <translation>Спробуйте пізніше або вкажіть інше дзеркало у вікні моделей.</translation>
    </message>
    <message>
        <source>The server sends {found} bytes where {expected} were announced.</source>
        <translation>Сервер надсилає {found} байтів, хоча оголосив {expected}.</translation>
    </message>
    <message>
        <source>Its checksum should be {expected} and is {found}.</source>
        <translation>Контрольна сума має бути {expected}, а є {found}.</translation>
    </message>
    <message>
        <source>The server sends on to an address that is not allowed.</source>
        <translation>Сервер переспрямовує на недозволену адресу.</translation>
    </message>
    <message>
        <source>The server answers with the error {found}.</source>
        <translation>Сервер відповідає помилкою {found}.</translation>
    </message>
    <message>
        <source>The server stopped sending.</source>
        <translation>Сервер перестав надсилати дані.</translation>
    </message>
    <message>
        <source>The server sends something else than was announced.</source>
        <translation>Сервер надсилає не те, що було оголошено.</translation>
    </message>
    <message>
        <source>an unknown base model</source>
        <translation>невідомої базової моделі</translation>
    </message>
    <message>
        <source>They are installed, and do not load: {detail}</source>
        <translation>Їх установлено, але вони не завантажуються: {detail}</translation>
    </message>
    <message>
        <source>The libraries that run models are broken.</source>
        <translation>Бібліотеки для запуску моделей пошкоджено.</translation>
    </message>
    <message>
        <source>Run “python3 -m app.setup local” in Lacuna&apos;s folder, and try again.</source>
        <translation>Виконайте «python3 -m app.setup local» у теці Lacuna та спробуйте ще раз.</translation>
    </message>
    <message>
        <source>The libraries that run models are not installed.</source>
        <translation>Бібліотеки для запуску моделей не встановлено.</translation>
    </message>
    <message>
        <source>Without them Lacuna selects and removes in basic mode.</source>
        <translation>Без них Lacuna виділяє та вилучає в базовому режимі.</translation>
    </message>
    <message>
        <source>Run “python3 -m app.setup local” in Lacuna&apos;s folder to get them.</source>
        <translation>Виконайте «python3 -m app.setup local» у теці Lacuna, щоб їх мати.</translation>
    </message>
    <message>
        <source>“{name}” is not on this computer.</source>
        <translation>«{name}» немає на цьому комп’ютері.</translation>
    </message>
    <message>
        <source>Download one, or add the folder that has it, in the models window.</source>
        <translation>Завантажте модель або додайте теку з нею у вікні моделей.</translation>
    </message>
    <message>
        <source>No model that selects is at hand.</source>
        <translation>Немає моделі для виділення.</translation>
    </message>
    <message>
        <source>Finding by text needs SAM 3, which is not at hand.</source>
        <translation>Для пошуку за текстом потрібна SAM 3, а її тут немає.</translation>
    </message>
    <message>
        <source>No model that removes is at hand.</source>
        <translation>Немає моделі для вилучення.</translation>
    </message>
    <message>
        <source>No base model to paint with is at hand.</source>
        <translation>Немає базової моделі для малювання.</translation>
    </message>
    <message>
        <source>This LoRA is not at hand.</source>
        <translation>Цієї LoRA немає.</translation>
    </message>
    <message>
        <source>The VAE of this base model is not at hand.</source>
        <translation>Немає VAE цієї базової моделі.</translation>
    </message>
    <message>
        <source>The text encoder of this base model is not at hand.</source>
        <translation>Немає текстового кодувальника цієї базової моделі.</translation>
    </message>
    <message>
        <source>The model for this is not at hand.</source>
        <translation>Немає моделі для цього.</translation>
    </message>
    <message>
        <source>Cannot use the model {name}.</source>
        <translation>Не можна використати модель {name}.</translation>
    </message>
    <message>
        <source>Delete it and download it again, or choose another model.</source>
        <translation>Видаліть її та завантажте знову або виберіть іншу модель.</translation>
    </message>
    <message>
        <source>It is not a model of a kind that Lacuna knows.</source>
        <translation>Lacuna не знає моделей такого типу.</translation>
    </message>
    <message>
        <source>Choose another model.</source>
        <translation>Виберіть іншу модель.</translation>
    </message>
    <message>
        <source>Parts of the model are missing, or are not what they should be.</source>
        <translation>Частин моделі бракує, або вони не такі, як мають бути.</translation>
    </message>
    <message>
        <source>Its weights are packed (nf4) for NVIDIA cards alone.</source>
        <translation>Її ваги запаковано (nf4) лише для карт NVIDIA.</translation>
    </message>
    <message>
        <source>Choose a GGUF or an unpacked version of the model.</source>
        <translation>Виберіть версію GGUF або незапаковану версію моделі.</translation>
    </message>
    <message>
        <source>The file is no longer there, or you may not read it.</source>
        <translation>Файлу більше немає, або ви не маєте права його читати.</translation>
    </message>
    <message>
        <source>Look where it was moved to, or choose another model.</source>
        <translation>Перевірте, куди його переміщено, або виберіть іншу модель.</translation>
    </message>
    <message>
        <source>It asks to run code while it is read.</source>
        <translation>Файл вимагає виконати код під час читання.</translation>
    </message>
    <message>
        <source>It unpacks to far more than it is.</source>
        <translation>Розпакований, він набагато більший, ніж є.</translation>
    </message>
    <message>
        <source>It is a program rather than a list of weights.</source>
        <translation>Це програма, а не список ваг.</translation>
    </message>
    <message>
        <source>Its table of contents is not what it should be.</source>
        <translation>Його зміст не такий, як має бути.</translation>
    </message>
    <message>
        <source>It holds more parts than any model of its kind.</source>
        <translation>У ньому більше частин, ніж у будь-якої такої моделі.</translation>
    </message>
    <message>
        <source>It may hold more than weights.</source>
        <translation>У ньому може бути щось крім ваг.</translation>
    </message>
    <message>
        <source>The model {name} is not safe.</source>
        <translation>Модель {name} небезпечна.</translation>
    </message>
    <message>
        <source>It was not loaded.</source>
        <translation>Її не завантажено.</translation>
    </message>
    <message>
        <source>Get it as .safetensors from a place you trust.</source>
        <translation>Візьміть її у форматі .safetensors із надійного джерела.</translation>
    </message>
    <message>
        <source>It is of {found}, and {wanted} is needed.</source>
        <translation>Вона типу {found}, а потрібна {wanted}.</translation>
    </message>
    <message>
        <source>{name} is another kind of model.</source>
        <translation>{name} — модель іншого типу.</translation>
    </message>
    <message>
        <source>Choose one that fits.</source>
        <translation>Виберіть відповідну.</translation>
    </message>
    <message>
        <source>The model {name} was changed or damaged.</source>
        <translation>Модель {name} змінено або пошкоджено.</translation>
    </message>
    <message>
        <source>Delete it and download it again.</source>
        <translation>Видаліть її та завантажте знову.</translation>
    </message>
    <message>
        <source>The LoRA {name} does not fit.</source>
        <translation>LoRA {name} не підходить.</translation>
    </message>
    <message>
        <source>Nothing of it was used.</source>
        <translation>Нічого з неї не використано.</translation>
    </message>
    <message>
        <source>Choose another base model, or switch this LoRA off.</source>
        <translation>Виберіть іншу базову модель або вимкніть цю LoRA.</translation>
    </message>
    <message>
        <source>It was made for {found}, and the base model is {wanted}.</source>
        <translation>Її створено для {found}, а базова модель — {wanted}.</translation>
    </message>
    <message>
        <source>None of its {total} parts is found in the base model.</source>
        <translation>Жодної з її частин ({total}) немає в базовій моделі.</translation>
    </message>
    <message>
        <source>It is of a kind that Lacuna cannot use: {kind}.</source>
        <translation>Lacuna не може використати такий тип: {kind}.</translation>
    </message>
    <message>
        <source>Choose another LoRA.</source>
        <translation>Виберіть іншу LoRA.</translation>
    </message>
    <message>
        <source>Download it again, or switch it off.</source>
        <translation>Завантажте її знову або вимкніть.</translation>
    </message>
    <message>
        <source>It needs {needed} MB of memory and {free} MB are free.</source>
        <translation>Потрібно {needed} МБ пам’яті, а вільно {free} МБ.</translation>
    </message>
    <message>
        <source>This does not fit on the device.</source>
        <translation>Це не вміщується на пристрої.</translation>
    </message>
    <message>
        <source>Select a smaller part.</source>
        <translation>Виділіть меншу частину.</translation>
    </message>
    <message>
        <source>Choose a quantised version of the model.</source>
        <translation>Виберіть квантовану версію моделі.</translation>
    </message>
    <message>
        <source>Let a server do it.</source>
        <translation>Доручіть це серверу.</translation>
    </message>
    <message>
        <source>Close other programs that use the device.</source>
        <translation>Закрийте інші програми, що використовують пристрій.</translation>
    </message>
    <message>
        <source>Choose a smaller model.</source>
        <translation>Виберіть меншу модель.</translation>
    </message>
    <message>
        <source>The preset {name} cannot be used.</source>
        <translation>Не можна використати пресет {name}.</translation>
    </message>
    <message>
        <source>Choose another file; nothing was changed.</source>
        <translation>Виберіть інший файл; нічого не змінено.</translation>
    </message>
    <message>
        <source>This name of a preset cannot be used.</source>
        <translation>Таку назву пресета не можна використати.</translation>
    </message>
    <message>
        <source>It was made by a newer version of Lacuna.</source>
        <translation>Його створено новішою версією Lacuna.</translation>
    </message>
    <message>
        <source>It is larger than any preset.</source>
        <translation>Він більший за будь-який пресет.</translation>
    </message>
    <message>
        <source>It is not there, or you may not read it.</source>
        <translation>Його немає, або ви не маєте права його читати.</translation>
    </message>
    <message>
        <source>A name has 1 to 80 letters, all of them visible.</source>
        <translation>Назва має від 1 до 80 видимих літер.</translation>
    </message>
    <message>
        <source>It sets “{key}”, which Lacuna does not know.</source>
        <translation>У ньому є «{key}», чого Lacuna не знає.</translation>
    </message>
    <message>
        <source>“{key}” is of another kind than it should be.</source>
        <translation>«{key}» має не той тип.</translation>
    </message>
    <message>
        <source>“{key}” is out of its range.</source>
        <translation>«{key}» поза допустимими межами.</translation>
    </message>
    <message>
        <source>“{key}” is too long.</source>
        <translation>«{key}» задовге.</translation>
    </message>
    <message>
        <source>“{key}” is none of the choices there are.</source>
        <translation>«{key}» немає серед можливих варіантів.</translation>
    </message>
    <message>
        <source>It is not a preset of Lacuna, or it is damaged.</source>
        <translation>Це не пресет Lacuna, або його пошкоджено.</translation>
    </message>
    <message>
        <source>There is no server that could do this: {task}.</source>
        <translation>Немає сервера, який міг би це: {task}.</translation>
    </message>
    <message>
        <source>Add a server of yours, or choose another engine in the settings.</source>
        <translation>Додайте свій сервер або виберіть інший рушій у налаштуваннях.</translation>
    </message>
    <message>
        <source>The address {address} cannot be used.</source>
        <translation>Адресу {address} не можна використати.</translation>
    </message>
    <message>
        <source>The login for {address} cannot be used.</source>
        <translation>Дані входу для {address} не можна використати.</translation>
    </message>
    <message>
        <source>Correct the address.</source>
        <translation>Виправте адресу.</translation>
    </message>
    <message>
        <source>It begins with neither http:// nor https://.</source>
        <translation>Вона не починається ні з http://, ні з https://.</translation>
    </message>
    <message>
        <source>It names no computer.</source>
        <translation>У ній не названо комп’ютера.</translation>
    </message>
    <message>
        <source>A password or a token stands in it, where others would see it.</source>
        <translation>У ній стоїть пароль або токен, де його побачили б інші.</translation>
    </message>
    <message>
        <source>Take it out, and enter it as the login of the server.</source>
        <translation>Приберіть його звідти й введіть у поля входу сервера.</translation>
    </message>
    <message>
        <source>It is a public address without encryption: login, prompts and pictures can be read on the way.</source>
        <translation>Це загальнодоступна адреса без шифрування: дані входу, запити й зображення можна прочитати в дорозі.</translation>
    </message>
    <message>
        <source>Use https:// if the server speaks it, or allow plain http for this server.</source>
        <translation>Використайте https://, якщо сервер його підтримує, або дозвольте для цього сервера http без шифрування.</translation>
    </message>
    <message>
        <source>It has letters, or the name of a header, that cannot be sent.</source>
        <translation>У них є символи або назва заголовка, які не можна надіслати.</translation>
    </message>
    <message>
        <source>Enter the login once more.</source>
        <translation>Введіть дані входу ще раз.</translation>
    </message>
    <message>
        <source>An address looks like http://192.168.1.20:8188.</source>
        <translation>Адреса має вигляд http://192.168.1.20:8188.</translation>
    </message>
    <message>
        <source>“{server}” is starting.</source>
        <translation>«{server}» запускається.</translation>
    </message>
    <message>
        <source>“{server}” is no ComfyUI.</source>
        <translation>«{server}» — не ComfyUI.</translation>
    </message>
    <message>
        <source>The ComfyUI of “{server}” is too old.</source>
        <translation>ComfyUI на «{server}» застарий.</translation>
    </message>
    <message>
        <source>“{server}” cannot be reached.</source>
        <translation>«{server}» недоступний.</translation>
    </message>
    <message>
        <source>Try again.</source>
        <translation>Спробуйте ще раз.</translation>
    </message>
    <message>
        <source>The machine is up, and ComfyUI is not yet.</source>
        <translation>Машина вже працює, а ComfyUI ще ні.</translation>
    </message>
    <message>
        <source>Wait a minute, and try again.</source>
        <translation>Зачекайте хвилину й спробуйте ще раз.</translation>
    </message>
    <message>
        <source>Something else answers at its address.</source>
        <translation>За його адресою відповідає щось інше.</translation>
    </message>
    <message>
        <source>Correct the address: the usual port is 8188, or 8000 of ComfyUI Desktop; a path behind a proxy belongs to it, too.</source>
        <translation>Виправте адресу: звичайний порт — 8188, а в ComfyUI Desktop — 8000; шлях за проксі теж належить до неї.</translation>
    </message>
    <message>
        <source>It speaks http there, not https.</source>
        <translation>Там він говорить http, а не https.</translation>
    </message>
    <message>
        <source>Let its address begin with http://.</source>
        <translation>Нехай його адреса починається з http://.</translation>
    </message>
    <message>
        <source>It speaks https there, not http.</source>
        <translation>Там він говорить https, а не http.</translation>
    </message>
    <message>
        <source>Let its address begin with https://.</source>
        <translation>Нехай його адреса починається з https://.</translation>
    </message>
    <message>
        <source>It is version {detail}.</source>
        <translation>Його версія — {detail}.</translation>
    </message>
    <message>
        <source>Update ComfyUI there to 0.3.45 or newer.</source>
        <translation>Оновіть там ComfyUI до 0.3.45 або новішої версії.</translation>
    </message>
    <message>
        <source>It sends on to another place: {detail}.</source>
        <translation>Він переспрямовує в інше місце: {detail}.</translation>
    </message>
    <message>
        <source>It sends on to another place.</source>
        <translation>Він переспрямовує в інше місце.</translation>
    </message>
    <message>
        <source>If you trust that place, enter its address instead.</source>
        <translation>Якщо ви довіряєте тому місцю, введіть його адресу.</translation>
    </message>
    <message>
        <source>It answers with an error: {detail}.</source>
        <translation>Він відповідає помилкою: {detail}.</translation>
    </message>
    <message>
        <source>Look into the log of the server, and try again.</source>
        <translation>Погляньте в журнал сервера й спробуйте ще раз.</translation>
    </message>
    <message>
        <source>It answers with an error.</source>
        <translation>Він відповідає помилкою.</translation>
    </message>
    <message>
        <source>Nobody listens at its address.</source>
        <translation>За його адресою ніхто не слухає.</translation>
    </message>
    <message>
        <source>Start ComfyUI there, or correct the address and its port.</source>
        <translation>Запустіть там ComfyUI або виправте адресу та порт.</translation>
    </message>
    <message>
        <source>No computer of that name was found.</source>
        <translation>Комп’ютера з такою назвою не знайдено.</translation>
    </message>
    <message>
        <source>Correct the address, or look whether you are online.</source>
        <translation>Виправте адресу або перевірте з’єднання з мережею.</translation>
    </message>
    <message>
        <source>It did not answer in time.</source>
        <translation>Він не відповів вчасно.</translation>
    </message>
    <message>
        <source>Look whether it is on and can be reached from here.</source>
        <translation>Перевірте, чи він увімкнений і чи доступний звідси.</translation>
    </message>
    <message>
        <source>The connection broke off.</source>
        <translation>З’єднання обірвалося.</translation>
    </message>
    <message>
        <source>“{server}” shows another certificate than before.</source>
        <translation>«{server}» показує інший сертифікат, ніж раніше.</translation>
    </message>
    <message>
        <source>The certificate of “{server}” is not trusted.</source>
        <translation>Сертифікату «{server}» немає довіри.</translation>
    </message>
    <message>
        <source>Nothing was sent.</source>
        <translation>Нічого не надіслано.</translation>
    </message>
    <message>
        <source>Its fingerprint is {fingerprint}.</source>
        <translation>Його відбиток — {fingerprint}.</translation>
    </message>
    <message>
        <source>Compare the fingerprint with that on the server; if it is the same, trust the certificate in the servers window.</source>
        <translation>Порівняйте відбиток із тим, що на сервері; якщо він той самий, довіртеся сертифікату у вікні серверів.</translation>
    </message>
    <message>
        <source>It was made for another host.</source>
        <translation>Його створено для іншого хоста.</translation>
    </message>
    <message>
        <source>It has expired.</source>
        <translation>Його строк минув.</translation>
    </message>
    <message>
        <source>Renew it on the server, and look at the clock of this computer.</source>
        <translation>Поновіть його на сервері й погляньте на годинник цього комп’ютера.</translation>
    </message>
    <message>
        <source>Either it was renewed, or somebody stands between you and the server.</source>
        <translation>Або його поновили, або хтось стоїть між вами й сервером.</translation>
    </message>
    <message>
        <source>Ask who runs the server, and trust the new one only if its fingerprint is right.</source>
        <translation>Спитайте того, хто відповідає за сервер, і довіртеся новому, лише якщо його відбиток правильний.</translation>
    </message>
    <message>
        <source>The file of its authority cannot be read.</source>
        <translation>Файл його центру сертифікації не читається.</translation>
    </message>
    <message>
        <source>Choose another file in the form of the server.</source>
        <translation>Виберіть інший файл у формі сервера.</translation>
    </message>
    <message>
        <source>Nobody this computer knows has signed it.</source>
        <translation>Його не підписав ніхто, кого знає цей комп’ютер.</translation>
    </message>
    <message>
        <source>“{server}” wants another login.</source>
        <translation>«{server}» хоче інших даних входу.</translation>
    </message>
    <message>
        <source>Its token or password is missing or wrong.</source>
        <translation>Токена чи пароля немає, або він хибний.</translation>
    </message>
    <message>
        <source>Enter it in the servers window.</source>
        <translation>Введіть його у вікні серверів.</translation>
    </message>
    <message>
        <source>“{server}” lets nobody in from here.</source>
        <translation>«{server}» нікого звідси не пускає.</translation>
    </message>
    <message>
        <source>A rule of the server, or of a proxy before it, forbids it.</source>
        <translation>Це забороняє правило сервера або проксі перед ним.</translation>
    </message>
    <message>
        <source>Ask who runs the server.</source>
        <translation>Спитайте того, хто відповідає за сервер.</translation>
    </message>
    <message>
        <source>{sent} MB were to be sent.</source>
        <translation>Треба було надіслати {sent} МБ.</translation>
    </message>
    <message>
        <source>{sent} MB were to be sent, and it takes {limit} MB.</source>
        <translation>Треба було надіслати {sent} МБ, а він приймає {limit} МБ.</translation>
    </message>
    <message>
        <source>This is too large for “{server}”.</source>
        <translation>Це завелике для «{server}».</translation>
    </message>
    <message>
        <source>Select a smaller part, or raise the limit of the server.</source>
        <translation>Виділіть меншу частину або підніміть обмеження сервера.</translation>
    </message>
    <message>
        <source>“{server}” cannot do this: {task}.</source>
        <translation>«{server}» цього не може: {task}.</translation>
    </message>
    <message>
        <source>It lacks {things}.</source>
        <translation>Йому бракує: {things}.</translation>
    </message>
    <message>
        <source>the node {name}</source>
        <translation>вузол {name}</translation>
    </message>
    <message>
        <source>the nodes {name}</source>
        <translation>вузли {name}</translation>
    </message>
    <message>
        <source>a graphics card: without one it takes half an hour</source>
        <translation>відеокарта: без неї це триває пів години</translation>
    </message>
    <message>
        <source>the sampler {name}</source>
        <translation>семплер {name}</translation>
    </message>
    <message>
        <source>the scheduler {name}</source>
        <translation>планувальник {name}</translation>
    </message>
    <message>
        <source>the file {name} in the folder {kind}</source>
        <translation>файл {name} у теці {kind}</translation>
    </message>
    <message>
        <source>{thing} (from {source})</source>
        <translation>{thing} (звідки: {source})</translation>
    </message>
    <message>
        <source>Use a server with a card for this, or a model on this computer.</source>
        <translation>Скористайтеся для цього сервером із відеокартою або моделлю на цьому комп&apos;ютері.</translation>
    </message>
    <message>
        <source>Choose another one, or bring that server up to date.</source>
        <translation>Виберіть інший або оновіть той сервер.</translation>
    </message>
    <message>
        <source>Install the nodes and put the files into the server&apos;s models folder, restart it, and try again.</source>
        <translation>Встановіть вузли, покладіть файли в теку моделей сервера, перезапустіть його й спробуйте ще раз.</translation>
    </message>
    <message>
        <source>Install the nodes there, restart the server, and try again.</source>
        <translation>Встановіть там вузли, перезапустіть сервер і спробуйте ще раз.</translation>
    </message>
    <message>
        <source>Put the files into the server&apos;s models folder, and try again.</source>
        <translation>Покладіть файли в теку моделей сервера й спробуйте ще раз.</translation>
    </message>
    <message>
        <source>Test it in the servers window: it may have changed since.</source>
        <translation>Перевірте його у вікні серверів: відтоді він міг змінитися.</translation>
    </message>
    <message>
        <source>Choose another model that the server has, and try again.</source>
        <translation>Виберіть іншу модель, яка є на сервері, і спробуйте ще раз.</translation>
    </message>
    <message>
        <source>“{server}” does not accept the task.</source>
        <translation>«{server}» не приймає завдання.</translation>
    </message>
    <message>
        <source>“{server}” has too little memory for this.</source>
        <translation>«{server}» має замало пам’яті для цього.</translation>
    </message>
    <message>
        <source>The picture arrived damaged at “{server}”.</source>
        <translation>Зображення прибуло на «{server}» пошкодженим.</translation>
    </message>
    <message>
        <source>“{server}” cannot load a model.</source>
        <translation>«{server}» не може завантажити модель у пам’ять.</translation>
    </message>
    <message>
        <source>Select a smaller part, or take a smaller model.</source>
        <translation>Виділіть меншу частину або візьміть меншу модель.</translation>
    </message>
    <message>
        <source>Choose another model, or download it there again.</source>
        <translation>Виберіть іншу модель або завантажте її там ще раз.</translation>
    </message>
    <message>
        <source>The task failed on “{server}”.</source>
        <translation>Завдання не вдалося на «{server}».</translation>
    </message>
    <message>
        <source>Try again; if it fails again, look into the log of the server.</source>
        <translation>Спробуйте ще раз; якщо знову не вдасться, погляньте в журнал сервера.</translation>
    </message>
    <message>
        <source>The task was stopped on “{server}”.</source>
        <translation>Завдання зупинено на «{server}».</translation>
    </message>
    <message>
        <source>Somebody else did that; your picture is unchanged.</source>
        <translation>Це зробив хтось інший; ваше зображення не змінилося.</translation>
    </message>
    <message>
        <source>“{server}” no longer knows the task.</source>
        <translation>«{server}» більше не знає цього завдання.</translation>
    </message>
    <message>
        <source>It was restarted, or somebody deleted the task there.</source>
        <translation>Його перезапустили, або хтось видалив там завдання.</translation>
    </message>
    <message>
        <source>The answer is cut off.</source>
        <translation>Відповідь обірвана.</translation>
    </message>
    <message>
        <source>The picture is not of the size that was asked for.</source>
        <translation>Зображення не того розміру, якого просили.</translation>
    </message>
    <message>
        <source>The result is no longer there.</source>
        <translation>Результату там більше немає.</translation>
    </message>
    <message>
        <source>The task ended without a result.</source>
        <translation>Завдання завершилося без результату.</translation>
    </message>
    <message>
        <source>The answer has no end.</source>
        <translation>Відповідь не має кінця.</translation>
    </message>
    <message>
        <source>Lacuna does not understand the answer.</source>
        <translation>Lacuna не розуміє відповіді.</translation>
    </message>
    <message>
        <source>What “{server}” sent cannot be used.</source>
        <translation>Те, що надіслав «{server}», не можна використати.</translation>
    </message>
    <message>
        <source>Try again; if it happens again, restart or update the server.</source>
        <translation>Спробуйте ще раз; якщо повториться, перезапустіть або оновіть сервер.</translation>
    </message>
    <message>
        <source>Cannot read the workflow {name}.</source>
        <translation>Не вдається прочитати робочий процес {name}.</translation>
    </message>
    <message>
        <source>Open it in ComfyUI, put it right, and save it again.</source>
        <translation>Відкрийте його в ComfyUI, виправте й збережіть ще раз.</translation>
    </message>
    <message>
        <source>Choose a workflow as ComfyUI saves it, or a picture made by one.</source>
        <translation>Виберіть робочий процес у тому вигляді, як його зберігає ComfyUI, або створене ним зображення.</translation>
    </message>
    <message>
        <source>Get it once more from where it came.</source>
        <translation>Візьміть його ще раз звідти, звідки він прийшов.</translation>
    </message>
    <message>
        <source>It is larger than any workflow.</source>
        <translation>Він більший за будь-який робочий процес.</translation>
    </message>
    <message>
        <source>The picture holds no workflow.</source>
        <translation>У зображенні немає робочого процесу.</translation>
    </message>
    <message>
        <source>Choose a picture as ComfyUI saved it, or the workflow itself.</source>
        <translation>Виберіть зображення таким, як його зберегла ComfyUI, або сам робочий процес.</translation>
    </message>
    <message>
        <source>It holds no nodes that do anything.</source>
        <translation>У ньому немає вузлів, які щось роблять.</translation>
    </message>
    <message>
        <source>Its nodes wait for each other in a circle.</source>
        <translation>Його вузли чекають одне на одного по колу.</translation>
    </message>
    <message>
        <source>A connection of the node “{node}” leads nowhere.</source>
        <translation>З’єднання вузла «{node}» нікуди не веде.</translation>
    </message>
    <message>
        <source>The values of the node “{node}” are of another version of it.</source>
        <translation>Значення вузла «{node}» належать іншій його версії.</translation>
    </message>
    <message>
        <source>It is no workflow of ComfyUI.</source>
        <translation>Це не робочий процес ComfyUI.</translation>
    </message>
    <message>
        <source>The workflow {name} cannot be run here.</source>
        <translation>Робочий процес {name} тут не можна виконати.</translation>
    </message>
    <message>
        <source>Nothing of it was run.</source>
        <translation>Нічого з нього не виконано.</translation>
    </message>
    <message>
        <source>Change it in ComfyUI, or with --set on the command line.</source>
        <translation>Змініть його в ComfyUI або за допомогою --set у командному рядку.</translation>
    </message>
    <message>
        <source>Run it on a server that has these nodes, or take them out.</source>
        <translation>Виконайте його на сервері, який має ці вузли, або приберіть їх.</translation>
    </message>
    <message>
        <source>“{title}” is a group of nodes that cannot be opened</source>
        <translation>«{title}» — група вузлів, яку не вдається розкрити</translation>
    </message>
    <message>
        <source>“{title}” loads a model of a kind that cannot be used here</source>
        <translation>«{title}» завантажує модель такого виду, який тут не використати</translation>
    </message>
    <message>
        <source>“{title}” is connected in a way that cannot be run here</source>
        <translation>«{title}» з’єднано так, що тут його не виконати</translation>
    </message>
    <message>
        <source>“{title}” has a value that cannot be used here</source>
        <translation>«{title}» має значення, яке тут не використати</translation>
    </message>
    <message>
        <source>“{title}” is a node that is not known here</source>
        <translation>«{title}» — вузол, якого тут не знають</translation>
    </message>
    <message>
        <source>The workflow {name} asks for what is not there.</source>
        <translation>Робочий процес {name} просить того, чого немає.</translation>
    </message>
    <message>
        <source>Add what is missing, or choose something that is there in its place.</source>
        <translation>Додайте те, чого бракує, або виберіть натомість щось із наявного.</translation>
    </message>
    <message>
        <source>“{title}” wants {value} as {input}</source>
        <translation>«{title}» хоче {value} як {input}</translation>
    </message>
    <message>
        <source>The workflow has no such node; it has: {allowed}.</source>
        <translation>Такого вузла в робочому процесі немає; є: {allowed}.</translation>
    </message>
    <message>
        <source>The node has no such input; it has: {allowed}.</source>
        <translation>Такого входу вузол не має; має: {allowed}.</translation>
    </message>
    <message>
        <source>Several nodes are meant by this: {allowed}.</source>
        <translation>Це означає кілька вузлів: {allowed}.</translation>
    </message>
    <message>
        <source>The input takes another value: {allowed}.</source>
        <translation>Вхід приймає інше значення: {allowed}.</translation>
    </message>
    <message>
        <source>A setting looks like KSampler.seed=5.</source>
        <translation>Параметр має вигляд KSampler.seed=5.</translation>
    </message>
    <message>
        <source>Name one of them by its number: 3.seed=5.</source>
        <translation>Назвіть один із них за номером: 3.seed=5.</translation>
    </message>
    <message>
        <source>“{setting}” cannot be set.</source>
        <translation>«{setting}» не можна встановити.</translation>
    </message>
    <message>
        <source>Correct it, and run it again.</source>
        <translation>Виправте й виконайте ще раз.</translation>
    </message>
    <message>
        <source>The input takes numbers from {low} to {high}.</source>
        <translation>Вхід приймає числа від {low} до {high}.</translation>
    </message>
    <message>
        <source>The input takes numbers from {low} on.</source>
        <translation>Вхід приймає числа від {low}.</translation>
    </message>
    <message>
        <source>The input takes numbers up to {high}.</source>
        <translation>Вхід приймає числа до {high}.</translation>
    </message>
    <message>
        <source>without a name</source>
        <translation>без назви</translation>
    </message>
    <message>
        <source>That lies outside the picture.</source>
        <translation>Це поза зображенням.</translation>
    </message>
    <message>
        <source>{place} is not in the picture, which is {size} pixels.</source>
        <translation>{place} немає на зображенні: його розмір {size} пікселів.</translation>
    </message>
    <message>
        <source>Places count from the upper left corner, which is 0, 0.</source>
        <translation>Місця рахують від верхнього лівого кута, він має координати 0, 0.</translation>
    </message>
    <message>
        <source>The mask {name} cannot be used.</source>
        <translation>Маску {name} не можна використати.</translation>
    </message>
    <message>
        <source>Make what is to be marked white, and all else black.</source>
        <translation>Зробіть білим те, що треба позначити, а все інше чорним.</translation>
    </message>
    <message>
        <source>It is {found} pixels, the picture {wanted}.</source>
        <translation>Її розмір {found} пікселів, а зображення {wanted}.</translation>
    </message>
    <message>
        <source>Take a mask that was made for this picture.</source>
        <translation>Візьміть маску, яку зроблено для цього зображення.</translation>
    </message>
    <message>
        <source>Nothing is marked in it.</source>
        <translation>У ній нічого не позначено.</translation>
    </message>
    <message>
        <source>Its brightest value is {found} of 255, which marks too little.</source>
        <translation>Її найсвітліше значення {found} з 255, це позначає замало.</translation>
    </message>
    <message>
        <source>It holds labels of {found} kinds, and no word on which to take.</source>
        <translation>У ній мітки {found} видів, і не сказано, яку з них узяти.</translation>
    </message>
    <message>
        <source>There is no mask for {wanted} here.</source>
        <translation>Тут немає маски для {wanted}.</translation>
    </message>
    <message>
        <source>Give it the name of its picture, with .png at the end.</source>
        <translation>Назвіть її так, як зображення, з .png у кінці.</translation>
    </message>
    <message>
        <source>A recipe may only read files below its own folder.</source>
        <translation>Рецепт може читати лише файли у своїй теці.</translation>
    </message>
    <message>
        <source>Put the mask there, or name its folder with --masks.</source>
        <translation>Покладіть маску туди або вкажіть її теку через --masks.</translation>
    </message>
    <message>
        <source>It is a colour picture, not a mask.</source>
        <translation>Це кольорове зображення, а не маска.</translation>
    </message>
    <message>
        <source>Open a PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF or HEIC file, or convert this one first.</source>
        <translation>Відкрийте файл PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF або HEIC чи спочатку перетворіть цей.</translation>
    </message>
    <message>
        <source>It is no file, but a folder, a pipe or a device.</source>
        <translation>Це не файл, а тека, канал або пристрій.</translation>
    </message>
    <message>
        <source>Choose a picture file.</source>
        <translation>Виберіть файл зображення.</translation>
    </message>
    <message>
        <source>It is an empty file: it has no bytes at all.</source>
        <translation>Це порожній файл: у ньому немає жодного байта.</translation>
    </message>
    <message>
        <source>It is a TIFF whose first picture is only a small version of the main one, and the main one lies where Lacuna does not read it.</source>
        <translation>Це TIFF, перше зображення якого — лише зменшена версія головного, а головне лежить там, де Lacuna його не читає.</translation>
    </message>
    <message>
        <source>Save the main picture as a plain TIFF or PNG in the program that made it. If it comes from a camera, develop it in a raw converter first.</source>
        <translation>Збережіть головне зображення як звичайний TIFF або PNG у програмі, що його створила. Якщо воно з камери, спочатку проявіть його в конвертері raw.</translation>
    </message>
    <message>
        <source>It is a HEIC picture, and the library for HEIC is missing.</source>
        <translation>Це зображення HEIC, а бібліотеки для HEIC немає.</translation>
    </message>
    <message>
        <source>Install the package pillow-heif, or save the picture as JPEG or PNG.</source>
        <translation>Установіть пакунок pillow-heif або збережіть зображення як JPEG чи PNG.</translation>
    </message>
    <message>
        <source>It is a camera raw file ({kind}), which has to be developed.</source>
        <translation>Це необроблений файл камери ({kind}): його треба проявити.</translation>
    </message>
    <message>
        <source>Develop it in a raw converter such as darktable or RawTherapee, and open the TIFF or PNG that it writes.</source>
        <translation>Проявіть його в конвертері raw, наприклад darktable чи RawTherapee, і відкрийте TIFF або PNG, який він запише.</translation>
    </message>
    <message>
        <source>a picture of an unusual kind</source>
        <translation>зображення незвичного виду</translation>
    </message>
    <message>
        <source>It is {what}: Lacuna does not open such files.</source>
        <translation>Це {what}: таких файлів Lacuna не відкриває.</translation>
    </message>
    <message>
        <source>a web page</source>
        <translation>вебсторінка</translation>
    </message>
    <message>
        <source>an XML file</source>
        <translation>файл XML</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>текст</translation>
    </message>
    <message>
        <source>a file of zeros, which has lost its contents</source>
        <translation>файл із нулів, який утратив свій вміст</translation>
    </message>
    <message>
        <source>an archive of packed files</source>
        <translation>архів упакованих файлів</translation>
    </message>
    <message>
        <source>a program</source>
        <translation>програма</translation>
    </message>
    <message>
        <source>a video</source>
        <translation>відео</translation>
    </message>
    <message>
        <source>a sound file</source>
        <translation>звуковий файл</translation>
    </message>
    <message>
        <source>a PDF document</source>
        <translation>документ PDF</translation>
    </message>
    <message>
        <source>a PostScript file</source>
        <translation>файл PostScript</translation>
    </message>
    <message>
        <source>a Photoshop file</source>
        <translation>файл Photoshop</translation>
    </message>
    <message>
        <source>a GIMP file</source>
        <translation>файл GIMP</translation>
    </message>
    <message>
        <source>a Krita file</source>
        <translation>файл Krita</translation>
    </message>
    <message>
        <source>an OpenRaster file</source>
        <translation>файл OpenRaster</translation>
    </message>
    <message>
        <source>an SVG drawing</source>
        <translation>малюнок SVG</translation>
    </message>
    <message>
        <source>a Windows metafile</source>
        <translation>метафайл Windows</translation>
    </message>
    <message>
        <source>a JPEG XL picture</source>
        <translation>зображення JPEG XL</translation>
    </message>
    <message>
        <source>a JPEG XR picture</source>
        <translation>зображення JPEG XR</translation>
    </message>
    <message>
        <source>a JPEG 2000 picture</source>
        <translation>зображення JPEG 2000</translation>
    </message>
    <message>
        <source>an icon</source>
        <translation>піктограма</translation>
    </message>
    <message>
        <source>a collection of OS/2 bitmaps</source>
        <translation>збірка растрів OS/2</translation>
    </message>
    <message>
        <source>a TGA picture</source>
        <translation>зображення TGA</translation>
    </message>
    <message>
        <source>a BMP of an unusual form</source>
        <translation>BMP незвичної форми</translation>
    </message>
    <message>
        <source>a HEIF sequence without a main picture</source>
        <translation>послідовність HEIF без головного зображення</translation>
    </message>
    <message>
        <source>a PNM picture</source>
        <translation>зображення PNM</translation>
    </message>
    <message>
        <source>an OpenEXR picture</source>
        <translation>зображення OpenEXR</translation>
    </message>
    <message>
        <source>a Radiance HDR picture</source>
        <translation>зображення Radiance HDR</translation>
    </message>
    <message>
        <source>a DDS texture</source>
        <translation>текстура DDS</translation>
    </message>
    <message>
        <source>a QOI picture</source>
        <translation>зображення QOI</translation>
    </message>
    <message>
        <source>a FITS picture</source>
        <translation>зображення FITS</translation>
    </message>
    <message>
        <source>a DICOM picture</source>
        <translation>зображення DICOM</translation>
    </message>
    <message>
        <source>a DjVu document</source>
        <translation>документ DjVu</translation>
    </message>
    <message>
        <source>a TIFF with {number} bits per channel</source>
        <translation>TIFF із {number} бітами на канал</translation>
    </message>
    <message>
        <source>a {number}-bit floating point TIFF</source>
        <translation>TIFF із {number}-бітними числами з рухомою комою</translation>
    </message>
    <message>
        <source>a floating point TIFF with values that are no shares of white</source>
        <translation>TIFF із числами з рухомою комою, які не є частками білого</translation>
    </message>
    <message>
        <source>a TIFF with signed numbers</source>
        <translation>TIFF із числами зі знаком</translation>
    </message>
    <message>
        <source>a CMYK TIFF with {number} bits per channel</source>
        <translation>TIFF у CMYK із {number} бітами на канал</translation>
    </message>
    <message>
        <source>a Lab TIFF with {number} bits per channel</source>
        <translation>TIFF у Lab із {number} бітами на канал</translation>
    </message>
    <message>
        <source>a YCbCr TIFF with {number} bits per channel</source>
        <translation>TIFF у YCbCr із {number} бітами на канал</translation>
    </message>
    <message>
        <source>a TIFF of compression {number}</source>
        <translation>TIFF зі стисненням {number}</translation>
    </message>
    <message>
        <source>a TIFF with an unusual kind of pixels</source>
        <translation>TIFF із незвичним видом пікселів</translation>
    </message>
    <message>
        <source>a {number}-bit JPEG</source>
        <translation>{number}-бітний JPEG</translation>
    </message>
    <message>
        <source>a lossless JPEG</source>
        <translation>JPEG без втрат</translation>
    </message>
    <message>
        <source>a JPEG with arithmetic coding</source>
        <translation>JPEG з арифметичним кодуванням</translation>
    </message>
    <message>
        <source>a hierarchical JPEG</source>
        <translation>ієрархічний JPEG</translation>
    </message>
    <message>
        <source>a JPEG with {number} channels</source>
        <translation>JPEG із такою кількістю каналів: {number}</translation>
    </message>
    <message>
        <source>a HEIF picture of a coding that is not installed</source>
        <translation>зображення HEIF із кодуванням, якого не встановлено</translation>
    </message>
    <message>
        <source>The page came in place of the picture: save the picture itself again.</source>
        <translation>Замість зображення прийшла сторінка: збережіть ще раз саме зображення.</translation>
    </message>
    <message>
        <source>Unpack it, and open a picture in it.</source>
        <translation>Розпакуйте його й відкрийте зображення з нього.</translation>
    </message>
    <message>
        <source>Save one frame of it as a picture, and open that.</source>
        <translation>Збережіть один кадр із нього як зображення й відкрийте його.</translation>
    </message>
    <message>
        <source>Save it as an RGB or gray TIFF with 8 or 16 bits, or as PNG, and open that.</source>
        <translation>Збережіть його як TIFF у RGB або сірий із 8 чи 16 бітами або як PNG і відкрийте його.</translation>
    </message>
    <message>
        <source>Save it as an 8-bit JPEG or as PNG, and open that.</source>
        <translation>Збережіть його як 8-бітний JPEG або як PNG і відкрийте його.</translation>
    </message>
    <message>
        <source>Save a flat copy as TIFF, PNG or JPEG, and open that.</source>
        <translation>Збережіть зведену копію як TIFF, PNG або JPEG і відкрийте її.</translation>
    </message>
    <message>
        <source>Nothing was loaded. Open a smaller version of it, or raise “Largest picture” under Memory in the settings.</source>
        <translation>Нічого не завантажено. Відкрийте меншу версію або збільште «Найбільше зображення» в розділі «Пам’ять» налаштувань.</translation>
    </message>
    <message>
        <source>an AVIF picture of an early or unusual form</source>
        <translation>зображення AVIF ранньої або незвичної форми</translation>
    </message>
    <message>
        <source>Its weights are of another size or kind than they should be.</source>
        <translation>Її ваги іншого розміру чи виду, ніж мають бути.</translation>
    </message>
    <message>
        <source>On a sample picture its answers made no sense.</source>
        <translation>На пробному зображенні її відповіді не мали сенсу.</translation>
    </message>
    <message>
        <source>The model {name} computes wrongly on this computer.</source>
        <translation>Модель {name} обчислює на цьому комп’ютері неправильно.</translation>
    </message>
    <message>
        <source>Without it Lacuna goes on in basic mode.</source>
        <translation>Без неї Lacuna працює далі в базовому режимі.</translation>
    </message>
    <message>
        <source>No subject was found.</source>
        <translation>Головного об’єкта не знайдено.</translation>
    </message>
    <message>
        <source>No part of this picture stands out from the rest.</source>
        <translation>Жодна частина цього зображення не вирізняється серед решти.</translation>
    </message>
    <message>
        <source>Click what you want with the Object tool, or drag a box around it.</source>
        <translation>Клацніть потрібне інструментом «Об’єкт» або обведіть його рамкою.</translation>
    </message>
    <message>
        <source>select the subject</source>
        <translation>виділити головний об’єкт</translation>
    </message>
    <message>
        <source>No model that marks the subject is at hand.</source>
        <translation>Немає моделі, яка позначає головний об’єкт.</translation>
    </message>
    <message>
        <source>It is {name}, which Lacuna cannot use.</source>
        <translation>Це {name}, яку Lacuna не може використати.</translation>
    </message>
    <message>
        <source>It is a base model of a kind that Lacuna does not know.</source>
        <translation>Це базова модель невідомого для Lacuna виду.</translation>
    </message>
    <message>
        <source>It has parts that Lacuna does not know, and that may change it.</source>
        <translation>У ній є невідомі для Lacuna частини, які можуть її змінювати.</translation>
    </message>
    <message>
        <source>Choose another version of the model.</source>
        <translation>Виберіть іншу версію моделі.</translation>
    </message>
    <message>
        <source>Some of its weights are no numbers: pictures would be black.</source>
        <translation>Деякі її ваги не є числами: зображення були б чорними.</translation>
    </message>
    <message>
        <source>Parts of the model are missing.</source>
        <translation>Бракує частин моделі.</translation>
    </message>
    <message>
        <source>It is quantised in a format that Lacuna cannot unpack.</source>
        <translation>Її квантовано у форматі, який Lacuna не вміє розпаковувати.</translation>
    </message>
    <message>
        <source>Choose an fp8, GGUF or unpacked version of the model.</source>
        <translation>Виберіть версію моделі у форматі fp8, GGUF або неквантовану.</translation>
    </message>
    <message>
        <source>The libraries that run models could not read it.</source>
        <translation>Бібліотеки, що виконують моделі, не змогли її прочитати.</translation>
    </message>
    <message>
        <source>It holds the averages of a training (EMA) and no model.</source>
        <translation>У ній усереднені ваги навчання (EMA), а самої моделі немає.</translation>
    </message>
    <message>
        <source>It is in a format of before 2020, which may hold code.</source>
        <translation>Це формат, старіший за 2020 рік, у якому може бути код.</translation>
    </message>
</context>
<context>
    <name>Export</name>
    <message>
        <source>{what}: left out, {why}</source>
        <translation>{what}: не записується, {why}</translation>
    </message>
    <message>
        <source>{what}: {bits} bits per channel</source>
        <translation>{what}: {bits} біт на канал</translation>
    </message>
    <message>
        <source>{what}: {size}</source>
        <translation>{what}: {size}</translation>
    </message>
    <message>
        <source>{number} bytes</source>
        <translation>{number} Б</translation>
    </message>
    <message>
        <source>{number} kB</source>
        <translation>{number} кБ</translation>
    </message>
    <message>
        <source>{number} MB</source>
        <translation>{number} МБ</translation>
    </message>
    <message>
        <source>Not marked</source>
        <translation>Без позначки</translation>
    </message>
    <message>
        <source>Edited by a person</source>
        <translation>Відредаговано людиною</translation>
    </message>
    <message>
        <source>Enhanced by an algorithm</source>
        <translation>Поліпшено алгоритмом</translation>
    </message>
    <message>
        <source>Parts made by a trained model</source>
        <translation>Частини створено навченою моделлю</translation>
    </message>
    <message>
        <source>Colour profile</source>
        <translation>Колірний профіль</translation>
    </message>
    <message>
        <source>Camera data (EXIF)</source>
        <translation>Дані камери (EXIF)</translation>
    </message>
    <message>
        <source>Place (GPS)</source>
        <translation>Місце (GPS)</translation>
    </message>
    <message>
        <source>XMP data</source>
        <translation>Дані XMP</translation>
    </message>
    <message>
        <source>IPTC data</source>
        <translation>Дані IPTC</translation>
    </message>
    <message>
        <source>Print resolution</source>
        <translation>Роздільність для друку</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Текст</translation>
    </message>
    <message>
        <source>Digital source type</source>
        <translation>Тип цифрового джерела</translation>
    </message>
    <message>
        <source>Transparency</source>
        <translation>Прозорість</translation>
    </message>
    <message>
        <source>Depth</source>
        <translation>Глибина</translation>
    </message>
    <message>
        <source>because the file is private</source>
        <translation>бо файл приватний</translation>
    </message>
    <message>
        <source>as you chose</source>
        <translation>як ви вибрали</translation>
    </message>
    <message>
        <source>the format cannot hold it</source>
        <translation>формат цього не вміщує</translation>
    </message>
    <message>
        <source>too long for the format</source>
        <translation>задовго для формату</translation>
    </message>
    <message>
        <source>damaged in the source</source>
        <translation>пошкоджено у вихідному файлі</translation>
    </message>
    <message>
        <source>HDR gain map</source>
        <translation>Карта підсилення HDR</translation>
    </message>
    <message>
        <source>Palette</source>
        <translation>Палітра</translation>
    </message>
    <message>
        <source>Few bits per pixel</source>
        <translation>Мало бітів на піксель</translation>
    </message>
    <message>
        <source>Interlacing</source>
        <translation>Черезрядковість</translation>
    </message>
    <message>
        <source>Thumbnail</source>
        <translation>Мініатюра</translation>
    </message>
    <message>
        <source>Preview in the data of the camera&apos;s maker</source>
        <translation>Попередній перегляд у даних виробника камери</translation>
    </message>
    <message>
        <source>Photo before an effect of the camera</source>
        <translation>Фото до ефекту камери</translation>
    </message>
    <message>
        <source>Depth map</source>
        <translation>Карта глибини</translation>
    </message>
    <message>
        <source>Motion video</source>
        <translation>Відео рухомого фото</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>Звук</translation>
    </message>
    <message>
        <source>Content credentials (C2PA)</source>
        <translation>Посвідчення вмісту (C2PA)</translation>
    </message>
    <message>
        <source>Second part of the XMP data</source>
        <translation>Друга частина даних XMP</translation>
    </message>
    <message>
        <source>Unknown fields of the camera data</source>
        <translation>Невідомі поля даних камери</translation>
    </message>
    <message>
        <source>Data coded as text</source>
        <translation>Дані, закодовані як текст</translation>
    </message>
    <message>
        <source>Further pictures of the series</source>
        <translation>Інші зображення серії</translation>
    </message>
    <message>
        <source>Further pictures in the file</source>
        <translation>Інші зображення у файлі</translation>
    </message>
    <message>
        <source>because it shows the picture as it was</source>
        <translation>бо показує зображення, яким воно було</translation>
    </message>
    <message>
        <source>because it speaks of the file as it was</source>
        <translation>бо говорить про файл, яким він був</translation>
    </message>
    <message>
        <source>because it may hold a picture</source>
        <translation>бо може містити зображення</translation>
    </message>
    <message>
        <source>one picture is written</source>
        <translation>записується одне зображення</translation>
    </message>
    <message>
        <source>because there are too many colours now</source>
        <translation>бо кольорів тепер забагато</translation>
    </message>
    <message>
        <source>the server works in 8 bits and sRGB</source>
        <translation>сервер працює з 8 бітами та sRGB</translation>
    </message>
    <message>
        <source>choose “Compress as the source” to keep it</source>
        <translation>щоб зберегти, виберіть «Стискати як джерело»</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export</source>
        <translation>Експорт</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Зображення</translation>
    </message>
    <message>
        <source>Cut-out</source>
        <translation>Виріз</translation>
    </message>
    <message>
        <source>Mask</source>
        <translation>Маска</translation>
    </message>
    <message>
        <source>&amp;What</source>
        <translation>&amp;Що</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>&amp;Огляд…</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Файл</translation>
    </message>
    <message>
        <source>What the file will say about itself</source>
        <translation>Що файл розповість про себе</translation>
    </message>
    <message>
        <source>&amp;Export</source>
        <translation>&amp;Експортувати</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Файл</translation>
    </message>
    <message>
        <source>Size: …</source>
        <translation>Розмір: …</translation>
    </message>
    <message>
        <source>Nothing but pixels</source>
        <translation>Нічого, крім пікселів</translation>
    </message>
    <message>
        <source>This is the source file: choose another name.</source>
        <translation>Це вихідний файл: виберіть іншу назву.</translation>
    </message>
    <message>
        <source>%1 exists and will be replaced.</source>
        <translation>%1 уже є, його буде замінено.</translation>
    </message>
    <message>
        <source>Size: about %1</source>
        <translation>Розмір: близько %1</translation>
    </message>
    <message>
        <source>Export to</source>
        <translation>Експортувати до</translation>
    </message>
</context>
<context>
    <name>ExportForm</name>
    <message>
        <source>As the picture</source>
        <translation>Як у зображення</translation>
    </message>
    <message>
        <source>F&amp;ormat</source>
        <translation>Фор&amp;мат</translation>
    </message>
    <message>
        <source>&amp;Depth</source>
        <translation>&amp;Глибина</translation>
    </message>
    <message>
        <source>&amp;Compress as the source</source>
        <translation>&amp;Стискати як джерело</translation>
    </message>
    <message>
        <source>What was not changed keeps its data, not only its look.</source>
        <translation>Незмінене зберігає свої дані, а не лише вигляд.</translation>
    </message>
    <message>
        <source>&amp;Without loss</source>
        <translation>&amp;Без втрат</translation>
    </message>
    <message>
        <source>&amp;Quality</source>
        <translation>&amp;Якість</translation>
    </message>
    <message>
        <source>&amp;Colour detail</source>
        <translation>Деталі &amp;кольору</translation>
    </message>
    <message>
        <source>Co&amp;mpress without loss</source>
        <translation>&amp;Стискати без втрат</translation>
    </message>
    <message>
        <source>&amp;Private: nothing but pixels and profile</source>
        <translation>&amp;Приватно: лише пікселі та профіль</translation>
    </message>
    <message>
        <source>Leaves out camera data, place, texts and marks.</source>
        <translation>Не записує дані камери, місце, тексти й позначки.</translation>
    </message>
    <message>
        <source>Keep camera data and &amp;texts</source>
        <translation>Зберегти дані камери й &amp;тексти</translation>
    </message>
    <message>
        <source>Keep the place (&amp;GPS)</source>
        <translation>Зберегти &amp;місце (GPS)</translation>
    </message>
    <message>
        <source>Keep pro&amp;mpts and settings</source>
        <translation>Лишити &amp;запити й налаштування</translation>
    </message>
    <message>
        <source>How it was painted, as other programs read it (PNG).</source>
        <translation>Як це намальовано, у вигляді, зрозумілому іншим програмам (PNG).</translation>
    </message>
    <message>
        <source>Mark the picture &amp;as</source>
        <translation>По&amp;значити зображення як</translation>
    </message>
    <message>
        <source>IPTC digital source type: tells how a picture was made.</source>
        <translation>Тип цифрового джерела IPTC: розповідає, як створено зображення.</translation>
    </message>
</context>
<context>
    <name>FileDialogs</name>
    <message>
        <source>Open</source>
        <translation>Відкрити</translation>
    </message>
    <message>
        <source>Pictures and projects</source>
        <translation>Зображення та проєкти</translation>
    </message>
    <message>
        <source>Workflows</source>
        <translation>Воркфлоу</translation>
    </message>
    <message>
        <source>Run workflow</source>
        <translation>Виконати воркфлоу</translation>
    </message>
    <message>
        <source>{name} was changed by another program. Choose where to save yours.</source>
        <translation>{name} змінено іншою програмою. Виберіть, куди зберегти свій варіант.</translation>
    </message>
    <message>
        <source>Save project</source>
        <translation>Зберегти проєкт</translation>
    </message>
    <message>
        <source>Lacuna project</source>
        <translation>Проєкт Lacuna</translation>
    </message>
    <message>
        <source>the picture</source>
        <translation>зображення</translation>
    </message>
    <message>
        <source>The picture is on the clipboard.</source>
        <translation>Зображення в буфері обміну.</translation>
    </message>
    <message>
        <source>The cut-out is on the clipboard.</source>
        <translation>Виріз у буфері обміну.</translation>
    </message>
    <message>
        <source>There is no picture on the clipboard.</source>
        <translation>У буфері обміну немає зображення.</translation>
    </message>
</context>
<context>
    <name>FindPanel</name>
    <message>
        <source>Find…</source>
        <translation>Знайти…</translation>
    </message>
    <message>
        <source>What to find</source>
        <translation>Що знайти</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>&amp;Знайти</translation>
    </message>
    <message>
        <source>&amp;Threshold</source>
        <translation>&amp;Поріг</translation>
    </message>
    <message>
        <source>How sure it must be: lower finds more.</source>
        <translation>Наскільки певним треба бути: менше значення знаходить більше.</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>Що знайдено</translation>
    </message>
    <message>
        <source>Forget the &amp;boxes</source>
        <translation>Забути &amp;рамки</translation>
    </message>
    <message>
        <source>Drag a box around one of them with the Object tool to find more like it; with Shift or Alt held, to leave such out. A click on one takes it or leaves it.</source>
        <translation>Обведіть один із них рамкою інструментом «Об’єкт», щоб знайти подібні; з Shift або Alt — щоб такі пропустити. Клацання бере знахідку або лишає її.</translation>
    </message>
    <message>
        <source>{picked} of {all}</source>
        <translation>{picked} з {all}</translation>
    </message>
    <message>
        <source>Found</source>
        <translation>Знайдене</translation>
    </message>
</context>
<context>
    <name>Finder</name>
    <message>
        <source>Found</source>
        <translation>Знайдене</translation>
    </message>
    <message>
        <source>Type what to find, or drag a box around one of them.</source>
        <translation>Напишіть, що знайти, або обведіть один із них рамкою.</translation>
    </message>
    <message>
        <source>The picture changed meanwhile: find again.</source>
        <translation>Зображення тим часом змінилося: знайдіть ще раз.</translation>
    </message>
    <message>
        <source>Nothing like that was found. Name it otherwise, or drag a box.</source>
        <translation>Нічого такого не знайдено. Назвіть інакше або обведіть рамкою.</translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>Open</source>
        <translation>Відкрити</translation>
    </message>
    <message>
        <source>Select object</source>
        <translation>Виділити об’єкт</translation>
    </message>
    <message>
        <source>Other candidate</source>
        <translation>Інший кандидат</translation>
    </message>
    <message>
        <source>Accept selection</source>
        <translation>Прийняти виділення</translation>
    </message>
    <message>
        <source>Drop points</source>
        <translation>Прибрати точки</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>Виділити все</translation>
    </message>
    <message>
        <source>Select none</source>
        <translation>Зняти виділення</translation>
    </message>
    <message>
        <source>Reselect</source>
        <translation>Виділити знову</translation>
    </message>
    <message>
        <source>Invert</source>
        <translation>Інвертувати</translation>
    </message>
    <message>
        <source>Rectangle</source>
        <translation>Прямокутник</translation>
    </message>
    <message>
        <source>Polygon</source>
        <translation>Багатокутник</translation>
    </message>
    <message>
        <source>Lasso</source>
        <translation>Ласо</translation>
    </message>
    <message>
        <source>Wand</source>
        <translation>Чарівна паличка</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>Пензель</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Стерти</translation>
    </message>
    <message>
        <source>Adjust mask</source>
        <translation>Підправити маску</translation>
    </message>
    <message>
        <source>Snap to edges</source>
        <translation>Притягнути до країв</translation>
    </message>
    <message>
        <source>Soft edge</source>
        <translation>М’який край</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>Знайти</translation>
    </message>
    <message>
        <source>Store selection</source>
        <translation>Зберегти виділення</translation>
    </message>
    <message>
        <source>Store found</source>
        <translation>Зберегти знайдене</translation>
    </message>
    <message>
        <source>Rename object</source>
        <translation>Перейменувати об’єкт</translation>
    </message>
    <message>
        <source>Show or hide object</source>
        <translation>Показати або приховати об’єкт</translation>
    </message>
    <message>
        <source>Move object</source>
        <translation>Перемістити об’єкт</translation>
    </message>
    <message>
        <source>Delete object</source>
        <translation>Видалити об’єкт</translation>
    </message>
    <message>
        <source>Load object</source>
        <translation>Завантажити об’єкт</translation>
    </message>
    <message>
        <source>Combine objects</source>
        <translation>Об’єднати об’єкти</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Прибрати</translation>
    </message>
    <message>
        <source>Apply variant</source>
        <translation>Застосувати варіант</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>Малювання</translation>
    </message>
    <message>
        <source>Transparency</source>
        <translation>Прозорість</translation>
    </message>
    <message>
        <source>Open mask</source>
        <translation>Відкриття маски</translation>
    </message>
    <message>
        <source>Select subject</source>
        <translation>Виділити головний об’єкт</translation>
    </message>
</context>
<context>
    <name>HistoryList</name>
    <message>
        <source>History</source>
        <translation>Історія</translation>
    </message>
    <message>
        <source>Opened</source>
        <translation>Відкрито</translation>
    </message>
    <message>
        <source>%1, taken back</source>
        <translation>%1, скасовано</translation>
    </message>
</context>
<context>
    <name>LabeledSlider</name>
    <message>
        <source>Double-click to reset.</source>
        <translation>Двічі клацніть, щоб скинути.</translation>
    </message>
</context>
<context>
    <name>LightDialog</name>
    <message>
        <source>Best results</source>
        <translation>Найкращі результати</translation>
    </message>
    <message>
        <source>Smaller download</source>
        <translation>Менше завантаження</translation>
    </message>
    <message>
        <source>Select Subject</source>
        <translation>Виділити головний об’єкт</translation>
    </message>
    <message>
        <source>{model} selects what you click.</source>
        <translation>{model} виділяє те, що ви клацнете.</translation>
    </message>
    <message>
        <source>{model} fills what you remove.</source>
        <translation>{model} заповнює те, що ви вилучите.</translation>
    </message>
    <message>
        <source>{model} sees the subject of a picture.</source>
        <translation>{model} бачить головний об’єкт зображення.</translation>
    </message>
    <message>
        <source>These models run on any computer, also without a graphics card. They are fetched once, and checked on a sample picture before they are used. Your pictures stay here.</source>
        <translation>Ці моделі працюють на будь-якому комп’ютері, також без відеокарти. Їх завантажують один раз і перед використанням перевіряють на зразковому зображенні. Ваші зображення лишаються тут.</translation>
    </message>
    <message>
        <source>Better Selecting and Removing</source>
        <translation>Краще виділення й вилучення</translation>
    </message>
    <message>
        <source>Better Select Subject</source>
        <translation>Краще виділення головного об’єкта</translation>
    </message>
    <message>
        <source>Download {size}</source>
        <translation>Завантажити {size}</translation>
    </message>
</context>
<context>
    <name>LightModels</name>
    <message>
        <source>Checking {model}</source>
        <translation>Перевірка {model}</translation>
    </message>
</context>
<context>
    <name>LightOffer</name>
    <message>
        <source>Stop the download</source>
        <translation>Зупинити завантаження</translation>
    </message>
    <message>
        <source>Small models that run on any computer: see which, and get them.</source>
        <translation>Малі моделі, що працюють на будь-якому комп’ютері: подивитися які та отримати їх.</translation>
    </message>
    <message>
        <source>Stop the download; what has arrived is kept.</source>
        <translation>Зупинити завантаження; отримане збережеться.</translation>
    </message>
    <message>
        <source>Checking on a sample picture…</source>
        <translation>Перевірка на пробному зображенні…</translation>
    </message>
    <message>
        <source>Downloading, {percent} %</source>
        <translation>Завантаження, {percent} %</translation>
    </message>
    <message>
        <source>Better selecting ({size})…</source>
        <translation>Краще виділення ({size})…</translation>
    </message>
    <message>
        <source>Better removing ({size})…</source>
        <translation>Краще вилучення ({size})…</translation>
    </message>
    <message>
        <source>Better Select Subject ({size})…</source>
        <translation>Краще виділення головного об’єкта ({size})…</translation>
    </message>
    <message>
        <source>Better selecting and removing ({size})…</source>
        <translation>Краще виділення й вилучення ({size})…</translation>
    </message>
</context>
<context>
    <name>LoadFailurePage</name>
    <message>
        <source>Lacuna could not be loaded.</source>
        <translation>Не вдалося завантажити Lacuna.</translation>
    </message>
    <message>
        <source>Start it again. If that does not help, install it again.</source>
        <translation>Запустіть її знову. Якщо це не допоможе, перевстановіть її.</translation>
    </message>
</context>
<context>
    <name>LoginFields</name>
    <message>
        <source>A&amp;dd Header</source>
        <translation>Додати &amp;заголовок</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Немає</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>Токен</translation>
    </message>
    <message>
        <source>User and password</source>
        <translation>Користувач і пароль</translation>
    </message>
    <message>
        <source>Headers of your own</source>
        <translation>Власні заголовки</translation>
    </message>
    <message>
        <source>&amp;Login</source>
        <translation>&amp;Вхід</translation>
    </message>
    <message>
        <source>&amp;Token</source>
        <translation>&amp;Токен</translation>
    </message>
    <message>
        <source>&amp;User</source>
        <translation>&amp;Користувач</translation>
    </message>
    <message>
        <source>&amp;Password</source>
        <translation>&amp;Пароль</translation>
    </message>
    <message>
        <source>Headers</source>
        <translation>Заголовки</translation>
    </message>
    <message>
        <source>Kept; type another to replace it</source>
        <translation>Збережено; введіть інше, щоб замінити</translation>
    </message>
    <message>
        <source>The token of the environment is used: LACUNA_COMFY_TOKEN.</source>
        <translation>Використовується токен із середовища: LACUNA_COMFY_TOKEN.</translation>
    </message>
    <message>
        <source>It is kept in the keyring of your system.</source>
        <translation>Зберігається у сховищі паролів вашої системи.</translation>
    </message>
    <message>
        <source>It is kept for this session only: there is no keyring here.</source>
        <translation>Зберігається лише для цього сеансу: сховища паролів тут немає.</translation>
    </message>
    <message>
        <source>It will be kept in the keyring of your system, if there is one.</source>
        <translation>Зберігатиметься у сховищі паролів вашої системи, якщо воно є.</translation>
    </message>
</context>
<context>
    <name>LoraList</name>
    <message>
        <source>&amp;Add LoRA</source>
        <translation>&amp;Додати LoRA</translation>
    </message>
</context>
<context>
    <name>LoraSettings</name>
    <message>
        <source>this base model</source>
        <translation>цієї базової моделі</translation>
    </message>
    <message>
        <source>No other LoRA for {base} is at hand</source>
        <translation>Іншої LoRA для {base} немає</translation>
    </message>
</context>
<context>
    <name>LoraView</name>
    <message>
        <source>Weight</source>
        <translation>Вага</translation>
    </message>
    <message>
        <source>Take {name} off the list</source>
        <translation>Прибрати {name} зі списку</translation>
    </message>
    <message>
        <source>Weight of {name}</source>
        <translation>Вага {name}</translation>
    </message>
    <message>
        <source>Write “{words}” into the prompt</source>
        <translation>Вписати «{words}» у запит</translation>
    </message>
</context>
<context>
    <name>MaskEditor</name>
    <message>
        <source>That lies outside the picture.</source>
        <translation>Це лежить поза зображенням.</translation>
    </message>
    <message>
        <source>Nothing in this picture is transparent.</source>
        <translation>На цьому зображенні немає нічого прозорого.</translation>
    </message>
</context>
<context>
    <name>MaskList</name>
    <message>
        <source>Masks</source>
        <translation>Маски</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Перейменувати</translation>
    </message>
    <message>
        <source>Show or hide</source>
        <translation>Показати або приховати</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>Перемістити вгору</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>Перемістити вниз</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Видалити</translation>
    </message>
    <message>
        <source>%1, hidden</source>
        <translation>%1, приховано</translation>
    </message>
</context>
<context>
    <name>MaskSources</name>
    <message>
        <source>Masks</source>
        <translation>Маски</translation>
    </message>
    <message>
        <source>Open mask</source>
        <translation>Відкрити маску</translation>
    </message>
    <message>
        <source>Open the picture first, then the mask for it.</source>
        <translation>Спершу відкрийте зображення, а потім маску для нього.</translation>
    </message>
    <message>
        <source>from the clipboard</source>
        <translation>з буфера обміну</translation>
    </message>
    <message>
        <source>There is no mask in it: take a picture file or copied pixels.</source>
        <translation>Маски в цьому немає: візьміть файл зображення або скопійовані пікселі.</translation>
    </message>
    <message>
        <source>Take one mask file at a time.</source>
        <translation>Беріть файли масок по одному.</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Dismiss (Esc)</source>
        <translation>Закрити (Esc)</translation>
    </message>
    <message>
        <source>Dismiss the message</source>
        <translation>Закрити повідомлення</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Примітка</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Готово</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Попередження</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Помилка</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>ще %n</numerusform>
            <numerusform>ще %n</numerusform>
            <numerusform>ще %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelLibrary</name>
    <message>
        <source>Downloading {model}</source>
        <translation>Завантаження {model}</translation>
    </message>
    <message>
        <source>Checking {model}</source>
        <translation>Перевірка {model}</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>Select</source>
        <translation>Виділити</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Прибрати</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>Малювання</translation>
    </message>
    <message>
        <source>LoRAs</source>
        <translation>LoRA</translation>
    </message>
    <message>
        <source>Parts of FLUX</source>
        <translation>Частини FLUX</translation>
    </message>
    <message>
        <source>{percent} %</source>
        <translation>{percent} %</translation>
    </message>
    <message>
        <source>Here</source>
        <translation>Тут</translation>
    </message>
    <message>
        <source>Of another program</source>
        <translation>В іншій програмі</translation>
    </message>
    <message>
        <source>Waits for its turn</source>
        <translation>Чекає черги</translation>
    </message>
    <message>
        <source>Downloading, {share}</source>
        <translation>Завантажується, {share}</translation>
    </message>
    <message>
        <source>Unfinished, {share}</source>
        <translation>Не закінчено, {share}</translation>
    </message>
    <message>
        <source>Not here</source>
        <translation>Немає</translation>
    </message>
    <message>
        <source>Cannot be used</source>
        <translation>Не можна використати</translation>
    </message>
    <message>
        <source>{state}, in use</source>
        <translation>{state}, використовується</translation>
    </message>
    <message>
        <source>about {size} ({precision})</source>
        <translation>близько {size} ({precision})</translation>
    </message>
    <message>
        <source>To be accepted: {licence}</source>
        <translation>Треба прийняти: {licence}</translation>
    </message>
    <message>
        <source>about {size}</source>
        <translation>близько {size}</translation>
    </message>
    <message>
        <source>Selects by click and box, and finds what you name. The best there is.</source>
        <translation>Виділяє за клацанням і рамкою та знаходить те, що ви назвете. Найкраща з наявних.</translation>
    </message>
    <message>
        <source>Selects by click and box, and finds what you name. SAM 3.1 came after it.</source>
        <translation>Виділяє за клацанням і рамкою та знаходить те, що ви назвете. Після неї вийшла SAM 3.1.</translation>
    </message>
    <message>
        <source>The same as SAM 3, in the file that its makers&apos; own program reads.</source>
        <translation>Те саме, що SAM 3, у файлі, який читає програма її авторів.</translation>
    </message>
    <message>
        <source>Finds what you name, with a smaller reader of words; clicks it leaves to others.</source>
        <translation>Знаходить те, що ви назвете; слова читає меншою мережею, а клацання лишає іншим моделям.</translation>
    </message>
    <message>
        <source>Selects by click and box. For who has no access to SAM 3.</source>
        <translation>Виділяє за клацанням і рамкою. Для тих, хто не має доступу до SAM 3.</translation>
    </message>
    <message>
        <source>Selects by click and box, faster and a little less exact.</source>
        <translation>Виділяє за клацанням і рамкою, швидше і трохи менш точно.</translation>
    </message>
    <message>
        <source>Selects by click and box on weak computers.</source>
        <translation>Виділяє за клацанням і рамкою на слабких комп’ютерах.</translation>
    </message>
    <message>
        <source>Selects by click and box on the weakest computers.</source>
        <translation>Виділяє за клацанням і рамкою на найслабших комп’ютерах.</translation>
    </message>
    <message>
        <source>Removes what is selected and continues what surrounds it. Fast.</source>
        <translation>Вилучає виділене і продовжує те, що навколо. Швидка.</translation>
    </message>
    <message>
        <source>Removes large objects from landscapes and buildings. Not for business.</source>
        <translation>Вилучає великі об’єкти з краєвидів і будівель. Не для комерції.</translation>
    </message>
    <message>
        <source>Made to paint into pictures. A good first choice for 8 GB cards and more.</source>
        <translation>Створена домальовувати в зображення. Добрий перший вибір для карт від 8 ГБ.</translation>
    </message>
    <message>
        <source>Made to paint into pictures. Small, quick, 512 px.</source>
        <translation>Створена домальовувати в зображення. Мала, швидка, 512 пкс.</translation>
    </message>
    <message>
        <source>Made to paint into pictures, 512 px.</source>
        <translation>Створена домальовувати в зображення, 512 пкс.</translation>
    </message>
    <message>
        <source>Made to paint into pictures. The best, for cards with 24 GB. Not for business.</source>
        <translation>Створена домальовувати в зображення. Найкраща, для карт із 24 ГБ. Не для комерції.</translation>
    </message>
    <message>
        <source>FLUX.1 Fill, made smaller for cards with 12 GB. Not for business.</source>
        <translation>FLUX.1 Fill, зменшена для карт із 12 ГБ. Не для комерції.</translation>
    </message>
    <message>
        <source>SDXL for photographs.</source>
        <translation>SDXL для фотографій.</translation>
    </message>
    <message>
        <source>The base of most LoRAs there are.</source>
        <translation>Основа більшості наявних LoRA.</translation>
    </message>
    <message>
        <source>SDXL for drawings and anime.</source>
        <translation>SDXL для малюнків та аніме.</translation>
    </message>
    <message>
        <source>Small and quick, with many LoRAs.</source>
        <translation>Мала і швидка, з багатьма LoRA.</translation>
    </message>
    <message>
        <source>Changes a picture as you ask it to. For cards with 24 GB. Not for business.</source>
        <translation>Змінює зображення так, як ви просите. Для карт із 24 ГБ. Не для комерції.</translation>
    </message>
    <message>
        <source>FLUX.1 Kontext, made smaller for cards with 12 GB. Not for business.</source>
        <translation>FLUX.1 Kontext, зменшена для карт із 12 ГБ. Не для комерції.</translation>
    </message>
    <message>
        <source>Paints what you describe. For cards with 24 GB. Not for business.</source>
        <translation>Малює те, що ви опишете. Для карт із 24 ГБ. Не для комерції.</translation>
    </message>
    <message>
        <source>FLUX.1 dev, made smaller for cards with 12 GB. Not for business.</source>
        <translation>FLUX.1 dev, зменшена для карт із 12 ГБ. Не для комерції.</translation>
    </message>
    <message>
        <source>Turns what FLUX paints into pixels.</source>
        <translation>Перетворює намальоване FLUX на пікселі.</translation>
    </message>
    <message>
        <source>Reads the prompt for FLUX.</source>
        <translation>Читає запит для FLUX.</translation>
    </message>
    <message>
        <source>Reads the prompt for FLUX, made smaller.</source>
        <translation>Читає запит для FLUX, зменшена.</translation>
    </message>
    <message>
        <source>Reads the prompt for FLUX, at full precision.</source>
        <translation>Читає запит для FLUX, з повною точністю.</translation>
    </message>
    <message>
        <source>Takes prompts apart for T5.</source>
        <translation>Розбирає запити для T5.</translation>
    </message>
    <message>
        <source>rank {rank}</source>
        <translation>ранг {rank}</translation>
    </message>
    <message>
        <source>say {words}</source>
        <translation>пишіть {words}</translation>
    </message>
    <message>
        <source>It is not a model of a kind that Lacuna knows.</source>
        <translation>Lacuna не знає моделей такого типу.</translation>
    </message>
    <message>
        <source>The file is damaged or cut off.</source>
        <translation>Файл пошкоджено або обрізано.</translation>
    </message>
    <message>
        <source>Parts of the model are missing.</source>
        <translation>Частин моделі бракує.</translation>
    </message>
    <message>
        <source>The file is not there, or you may not read it.</source>
        <translation>Файлу немає, або ви не маєте права його читати.</translation>
    </message>
    <message>
        <source>It is a LoRA of a kind that Lacuna cannot use.</source>
        <translation>Це LoRA такого типу, який Lacuna не може використати.</translation>
    </message>
    <message>
        <source>It is a ControlNet, which Lacuna does not use.</source>
        <translation>Це ControlNet, який Lacuna не використовує.</translation>
    </message>
    <message>
        <source>It asks to run code while it is read: it is not safe.</source>
        <translation>Файл вимагає виконати код під час читання: він небезпечний.</translation>
    </message>
    <message>
        <source>It unpacks to far more than it is: it is not safe.</source>
        <translation>Розпакований, він набагато більший, ніж є: він небезпечний.</translation>
    </message>
    <message>
        <source>It is a program rather than a list of weights.</source>
        <translation>Це програма, а не список ваг.</translation>
    </message>
    <message>
        <source>Its table of contents is not what it should be.</source>
        <translation>Його зміст не такий, як має бути.</translation>
    </message>
    <message>
        <source>It holds more parts than any model of its kind.</source>
        <translation>У ньому більше частин, ніж у будь-якої такої моделі.</translation>
    </message>
    <message>
        <source>Selects by click and box on any computer, and reads a picture in a moment.</source>
        <translation>Виділяє клацанням і рамкою на будь-якому комп’ютері й читає зображення за мить.</translation>
    </message>
    <message>
        <source>Removes what is selected. The smallest download; LaMa continues more exactly.</source>
        <translation>Прибирає виділене. Найменше завантаження; LaMa продовжує точніше.</translation>
    </message>
    <message>
        <source>Code and weights are free to use; the pictures that it was trained on ({pictures}) were given for research.</source>
        <translation>Код і ваги вільні у використанні; зображення, на яких її навчено ({pictures}), надано для досліджень.</translation>
    </message>
    <message>
        <source>It computes wrongly on this computer.</source>
        <translation>На цьому комп’ютері вона обчислює неправильно.</translation>
    </message>
    <message>
        <source>{models}. Code and weights are free to use; the pictures that they were trained on ({pictures}) were given for research.</source>
        <translation>{models}. Код і ваги вільні у використанні; зображення, на яких їх навчено ({pictures}), надано для досліджень.</translation>
    </message>
    <message>
        <source>Marks the subject of a picture with a fine outline. For Select Subject.</source>
        <translation>Позначає головний об’єкт зображення з точним контуром. Для команди «Виділити головний об’єкт».</translation>
    </message>
    <message>
        <source>Marks the subject of a picture in a moment. For Select Subject; IS-Net is finer.</source>
        <translation>Миттю позначає головний об’єкт зображення. Для команди «Виділити головний об’єкт»; IS-Net точніша.</translation>
    </message>
    <message>
        <source>{models}: the file is a copy of the authors&apos; on the hub; its checksum is the one that several people show.</source>
        <translation>{models}: файл є копією авторського на хабі; його контрольна сума та сама, яку показують кілька людей.</translation>
    </message>
    <message>
        <source>It is quantised in a format that Lacuna cannot unpack.</source>
        <translation>Її квантовано у форматі, який Lacuna не вміє розпаковувати.</translation>
    </message>
    <message>
        <source>It holds the averages of a training (EMA) and no model.</source>
        <translation>У ній усереднені ваги навчання (EMA), а самої моделі немає.</translation>
    </message>
    <message>
        <source>It is in a format of before 2020: it is not safe.</source>
        <translation>Це формат, старіший за 2020 рік: він небезпечний.</translation>
    </message>
    <message>
        <source>not used: {names}</source>
        <translation>не використано: {names}</translation>
    </message>
</context>
<context>
    <name>ModelsAccess</name>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Зберегти</translation>
    </message>
    <message>
        <source>&amp;Forget</source>
        <translation>З&amp;абути</translation>
    </message>
    <message>
        <source>&amp;Test Access</source>
        <translation>&amp;Перевірити доступ</translation>
    </message>
    <message>
        <source>Open &amp;Page</source>
        <translation>Відкрити &amp;сторінку</translation>
    </message>
    <message>
        <source>&amp;Access token of Hugging Face</source>
        <translation>&amp;Токен доступу Hugging Face</translation>
    </message>
    <message>
        <source>Access token of Hugging Face</source>
        <translation>Токен доступу Hugging Face</translation>
    </message>
    <message>
        <source>Models whose owners want to be asked</source>
        <translation>Моделі, власники яких хочуть, щоб їх запитали</translation>
    </message>
    <message>
        <source>Owner&apos;s page</source>
        <translation>Сторінка власника</translation>
    </message>
    <message>
        <source>Access</source>
        <translation>Доступ</translation>
    </message>
    <message>
        <source>Some models are given to those who accept a licence. Accept it on the model&apos;s page, make a token that may read on your account&apos;s page, and enter it here.</source>
        <translation>Деякі моделі дають тим, хто прийме ліцензію. Прийміть її на сторінці моделі, створіть токен із правом читання на сторінці свого облікового запису та введіть його тут.</translation>
    </message>
    <message>
        <source>Not asked yet</source>
        <translation>Ще не запитували</translation>
    </message>
    <message>
        <source>May be downloaded</source>
        <translation>Можна завантажити</translation>
    </message>
    <message>
        <source>A token is needed</source>
        <translation>Потрібен токен</translation>
    </message>
    <message>
        <source>The licence is not accepted, or the owner has not agreed yet</source>
        <translation>Ліцензію не прийнято, або власник ще не дав згоди</translation>
    </message>
    <message>
        <source>No answer</source>
        <translation>Немає відповіді</translation>
    </message>
    <message>
        <source>A token of the environment is used: HF_TOKEN.</source>
        <translation>Використовується токен із середовища: HF_TOKEN.</translation>
    </message>
    <message>
        <source>A token is kept where your system keeps passwords.</source>
        <translation>Токен зберігається там, де система зберігає паролі.</translation>
    </message>
    <message>
        <source>The token is kept until Lacuna ends: your system has no place for passwords.</source>
        <translation>Токен зберігається, доки працює Lacuna: у системі немає сховища паролів.</translation>
    </message>
    <message>
        <source>The token of the hub&apos;s own program is used.</source>
        <translation>Використовується токен програми самого сховища.</translation>
    </message>
    <message>
        <source>There is no token.</source>
        <translation>Токена немає.</translation>
    </message>
    <message>
        <source>Asking…</source>
        <translation>Запитуємо…</translation>
    </message>
    <message>
        <source>The token belongs to {user}.</source>
        <translation>Токен належить {user}.</translation>
    </message>
    <message>
        <source>The hub does not know this token: make a new one.</source>
        <translation>Сховище не знає цього токена: створіть новий.</translation>
    </message>
    <message>
        <source>Without a token only free models can be downloaded.</source>
        <translation>Без токена можна завантажити лише вільні моделі.</translation>
    </message>
</context>
<context>
    <name>ModelsFolders</name>
    <message>
        <source>C&amp;hange…</source>
        <translation>&amp;Змінити…</translation>
    </message>
    <message>
        <source>&amp;Add Folder…</source>
        <translation>&amp;Додати теку…</translation>
    </message>
    <message>
        <source>Add &amp;YAML File…</source>
        <translation>Додати файл &amp;YAML…</translation>
    </message>
    <message>
        <source>&amp;Take off the List</source>
        <translation>&amp;Прибрати зі списку</translation>
    </message>
    <message>
        <source>Folders of other programs</source>
        <translation>Теки інших програм</translation>
    </message>
    <message>
        <source>An extra_model_paths.yaml, as ComfyUI reads it.</source>
        <translation>Файл extra_model_paths.yaml, як його читає ComfyUI.</translation>
    </message>
    <message>
        <source>&amp;Downloads go to</source>
        <translation>&amp;Завантаження до</translation>
    </message>
    <message>
        <source>Folders of &amp;other programs</source>
        <translation>Теки &amp;інших програм</translation>
    </message>
    <message>
        <source>ComfyUI, AUTOMATIC1111, or any folder: models are used where they lie, and nothing is written there.</source>
        <translation>ComfyUI, AUTOMATIC1111 або будь-яка тека: моделі використовуються на місці, і нічого туди не пишеться.</translation>
    </message>
    <message>
        <source>&amp;Mirrors of the model hub</source>
        <translation>Д&amp;зеркала сховища моделей</translation>
    </message>
    <message>
        <source>Asked before the hub itself, in this order; separate them by spaces.</source>
        <translation>Запитуються перед самим сховищем, у цьому порядку; розділяйте пробілами.</translation>
    </message>
    <message>
        <source>Folder for downloads</source>
        <translation>Тека для завантажень</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>Додати теку</translation>
    </message>
    <message>
        <source>Add a YAML file</source>
        <translation>Додати файл YAML</translation>
    </message>
    <message>
        <source>Lists of folders</source>
        <translation>Списки тек</translation>
    </message>
</context>
<context>
    <name>ModelsList</name>
    <message>
        <source>&amp;Download</source>
        <translation>&amp;Завантажити</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>&amp;Скасувати</translation>
    </message>
    <message>
        <source>Chec&amp;k</source>
        <translation>&amp;Перевірити</translation>
    </message>
    <message>
        <source>D&amp;elete…</source>
        <translation>&amp;Видалити…</translation>
    </message>
    <message>
        <source>Show &amp;Folder</source>
        <translation>Показати &amp;теку</translation>
    </message>
    <message>
        <source>&amp;Licence Page</source>
        <translation>Сторінка &amp;ліцензії</translation>
    </message>
    <message>
        <source>Read the files and compare them with their checksums.</source>
        <translation>Прочитати файли та порівняти з контрольними сумами.</translation>
    </message>
    <message>
        <source>Open the page of the model in the browser.</source>
        <translation>Відкрити сторінку моделі в браузері.</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Моделі</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Модель</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Стан</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Завантаження</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Пам’ять</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Ліцензія</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation>&amp;Продовжити</translation>
    </message>
    <message>
        <source>It lies in {folder}.</source>
        <translation>Лежить у {folder}.</translation>
    </message>
    <message>
        <source>Its owner wants to be asked first: see Access.</source>
        <translation>Власник хоче, щоб його спершу запитали: див. «Доступ».</translation>
    </message>
    <message>
        <source>What it needs is here.</source>
        <translation>Усе потрібне є.</translation>
    </message>
    <message>
        <source>It also needs {parts} ({size}), which are downloaded along.</source>
        <translation>Потрібні ще {parts} ({size}), їх буде завантажено разом.</translation>
    </message>
    <message>
        <source>Where it does not fit: {model}.</source>
        <translation>Де не вміщується: {model}.</translation>
    </message>
    <message>
        <source>Delete {model} from this computer?</source>
        <translation>Видалити {model} з цього комп’ютера?</translation>
    </message>
    <message>
        <source>It can be downloaded again.</source>
        <translation>Її можна завантажити знову.</translation>
    </message>
</context>
<context>
    <name>ModelsWindow</name>
    <message>
        <source>Models</source>
        <translation>Моделі</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Теки</translation>
    </message>
    <message>
        <source>Access</source>
        <translation>Доступ</translation>
    </message>
    <message>
        <source>{model} is here.</source>
        <translation>{model} тепер тут.</translation>
    </message>
    <message>
        <source>{model} is what it should be.</source>
        <translation>{model} така, як має бути.</translation>
    </message>
    <message>
        <source>Nobody has noted a checksum for {model}.</source>
        <translation>Контрольна сума {model} невідома.</translation>
    </message>
    <message>
        <source>{address} cannot be a mirror.</source>
        <translation>{address} не може бути дзеркалом.</translation>
    </message>
    <message>
        <source>Enter an address that begins with https://.</source>
        <translation>Введіть адресу, що починається з https://.</translation>
    </message>
</context>
<context>
    <name>Notes</name>
    <message>
        <source>The file is in CMYK and is shown in sRGB by its profile. A JPEG that is saved as JPEG stays in CMYK; other files are saved as RGB.</source>
        <translation>Файл у CMYK, його показано в sRGB за його профілем. JPEG, збережений як JPEG, лишається в CMYK; інші файли зберігаються як RGB.</translation>
    </message>
    <message>
        <source>The file is in CMYK without a profile: the colours shown are a guess. A JPEG that is saved as JPEG stays in CMYK; other files are saved as RGB.</source>
        <translation>Файл у CMYK без профілю: показані кольори приблизні. JPEG, збережений як JPEG, лишається в CMYK; інші файли зберігаються як RGB.</translation>
    </message>
    <message>
        <source>The file has a palette: it was converted to RGB, and is saved so.</source>
        <translation>Файл має палітру: його перетворено на RGB і так буде збережено.</translation>
    </message>
    <message>
        <source>The file holds several pictures: the first one was opened.</source>
        <translation>Файл містить кілька зображень: відкрито перше.</translation>
    </message>
    <message>
        <source>The colour profile is damaged: the picture is shown as sRGB.</source>
        <translation>Колірний профіль пошкоджено: зображення показано як sRGB.</translation>
    </message>
    <message>
        <source>The colour profile only works in one direction: the picture was converted to sRGB.</source>
        <translation>Колірний профіль діє лише в один бік: зображення перетворено на sRGB.</translation>
    </message>
    <message>
        <source>The camera data of the file is damaged: it was left out.</source>
        <translation>Дані камери у файлі пошкоджено: їх пропущено.</translation>
    </message>
    <message>
        <source>The model does not fit on the card as a whole: its parts took turns.</source>
        <translation>Модель не вміщується на карті цілком: її частини працювали по черзі.</translation>
    </message>
    <message>
        <source>The model is much larger than the card: it passed layer by layer, slowly.</source>
        <translation>Модель набагато більша за карту: вона працювала шар за шаром, повільно.</translation>
    </message>
    <message>
        <source>The processor did the work: that takes its time.</source>
        <translation>Роботу виконав процесор: це потребує часу.</translation>
    </message>
    <message>
        <source>Memory ran out: it was done once more, smaller, and enlarged.</source>
        <translation>Забракло пам’яті: зроблено ще раз, менше, і збільшено.</translation>
    </message>
    <message>
        <source>The hole is larger than the model&apos;s pictures: a second pass refined it.</source>
        <translation>Отвір більший за зображення моделі: другий прохід його уточнив.</translation>
    </message>
    <message>
        <source>The hole is too large for a second pass: it stays a little soft.</source>
        <translation>Отвір завеликий для другого проходу: він лишається трохи м’яким.</translation>
    </message>
    <message>
        <source>Parts of a LoRA have no place in this base model: the others were used.</source>
        <translation>Частинам LoRA немає місця в цій базовій моделі: використано решту.</translation>
    </message>
    <message>
        <source>FLUX cannot use the sampler that was chosen: another one was taken.</source>
        <translation>FLUX не може використати вибраний семплер: узято інший.</translation>
    </message>
    <message>
        <source>A LoRA has one weight here, for the model and its text encoder: that of the model.</source>
        <translation>Тут LoRA має одну вагу для моделі та її текстового кодувальника: вагу моделі.</translation>
    </message>
    <message>
        <source>The base model&apos;s own VAE was used, not the one that the workflow loads.</source>
        <translation>Використано власний VAE базової моделі, а не той, який завантажує воркфлоу.</translation>
    </message>
    <message>
        <source>The workflow empties the negative prompt of all meaning: an empty text was used.</source>
        <translation>Воркфлоу позбавляє негативний запит змісту: використано порожній текст.</translation>
    </message>
    <message>
        <source>The workflow shifts the noise schedule of the model: the usual one was used.</source>
        <translation>Воркфлоу зсуває розклад шуму моделі: використано звичайний.</translation>
    </message>
    <message>
        <source>The workflow sets another kind of sampling for the model: the model&apos;s own was used.</source>
        <translation>Воркфлоу задає для моделі інший вид семплювання: використано власний вид моделі.</translation>
    </message>
    <message>
        <source>The workflow leaves out the last layers of the text encoder: all of them were used.</source>
        <translation>Воркфлоу пропускає останні шари текстового енкодера: використано всі.</translation>
    </message>
    <message>
        <source>The workflow has a text for each text encoder: both got the two, one after the other.</source>
        <translation>Воркфлоу має окремий текст для кожного текстового енкодера: обидва отримали обидва тексти, один за одним.</translation>
    </message>
    <message>
        <source>The workflow refines with a second model: the first one did all the steps.</source>
        <translation>Воркфлоу уточнює зображення другою моделлю: усі кроки виконала перша.</translation>
    </message>
    <message>
        <source>FLUX has no CFG here: the guidance of the prompt was used alone.</source>
        <translation>FLUX тут не має CFG: використано лише керованість запиту.</translation>
    </message>
    <message>
        <source>Waiting for another window</source>
        <translation>Чекаємо на інше вікно</translation>
    </message>
    <message>
        <source>Asking the server</source>
        <translation>Запитуємо сервер</translation>
    </message>
    <message>
        <source>Comparing with the checksum</source>
        <translation>Порівнюємо з контрольною сумою</translation>
    </message>
    <message>
        <source>Starting the engine</source>
        <translation>Запускаємо рушій</translation>
    </message>
    <message>
        <source>Loading the model</source>
        <translation>Завантажуємо модель</translation>
    </message>
    <message>
        <source>Reading the picture</source>
        <translation>Читаємо зображення</translation>
    </message>
    <message>
        <source>Reading the prompt</source>
        <translation>Читаємо запит</translation>
    </message>
    <message>
        <source>Filling the hole first</source>
        <translation>Спершу заповнюємо отвір</translation>
    </message>
    <message>
        <source>Painting</source>
        <translation>Малюємо</translation>
    </message>
    <message>
        <source>Making pixels</source>
        <translation>Створюємо пікселі</translation>
    </message>
    <message>
        <source>Memory ran out: once more, smaller</source>
        <translation>Забракло пам’яті: ще раз, менше</translation>
    </message>
    <message>
        <source>Sending the picture</source>
        <translation>Надсилання зображення</translation>
    </message>
    <message>
        <source>The server is loading the model</source>
        <translation>Сервер завантажує модель у пам’ять</translation>
    </message>
    <message>
        <source>The server is painting</source>
        <translation>Сервер малює</translation>
    </message>
    <message>
        <source>The server is at work</source>
        <translation>Сервер працює</translation>
    </message>
    <message>
        <source>Fetching the result</source>
        <translation>Отримання результату</translation>
    </message>
    <message>
        <source>The server does not answer; waiting for it</source>
        <translation>Сервер не відповідає; чекаємо на нього</translation>
    </message>
    <message>
        <source>Stopping it on the server</source>
        <translation>Зупинка на сервері</translation>
    </message>
    <message>
        <source>Waiting for the server, which does not say how far it is</source>
        <translation>Чекаємо на сервер, який не каже, скільки зроблено</translation>
    </message>
    <message>
        <source>Waiting on the server, {count} in front</source>
        <translation>Чекає на сервері, попереду: {count}</translation>
    </message>
    <message>
        <source>Waiting on the server</source>
        <translation>Чекає на сервері</translation>
    </message>
    <message>
        <source>The mask file is transparent in parts: what is visible in it was marked.</source>
        <translation>Файл маски місцями прозорий: позначено те, що в ньому видно.</translation>
    </message>
    <message>
        <source>The mask file is transparent in parts: these were marked.</source>
        <translation>Файл маски місцями прозорий: позначено прозорі місця.</translation>
    </message>
    <message>
        <source>The mask file holds one label, not white: what has it was marked.</source>
        <translation>У файлі маски одна мітка, не біла: позначено все, що її має.</translation>
    </message>
    <message>
        <source>The mask file holds one colour on black: what has it was marked.</source>
        <translation>У файлі маски один колір на чорному: позначено все, що його має.</translation>
    </message>
    <message>
        <source>The mask file marks the whole picture.</source>
        <translation>Файл маски позначає все зображення.</translation>
    </message>
    <message>
        <source>The file is in Lab: it was converted to sRGB, and is saved as RGB.</source>
        <translation>Файл у Lab: його перетворено на sRGB і буде збережено як RGB.</translation>
    </message>
    <message>
        <source>The file holds more pictures beside the main one, which was opened.</source>
        <translation>У файлі, крім головного зображення, яке відкрито, є й інші.</translation>
    </message>
    <message>
        <source>The file holds a gain map for HDR screens: the picture is shown without it.</source>
        <translation>У файлі є карта підсилення для екранів HDR: зображення показано без неї.</translation>
    </message>
    <message>
        <source>The file holds a short video: only its picture was opened.</source>
        <translation>У файлі є коротке відео: відкрито лише його зображення.</translation>
    </message>
    <message>
        <source>The file has channels that are neither colour nor transparency: they were left out.</source>
        <translation>У файлі є канали, що не є ні кольором, ні прозорістю: їх пропущено.</translation>
    </message>
    <message>
        <source>By its alpha channel, the whole picture would be invisible: the channel was left out.</source>
        <translation>За альфа-каналом усе зображення було б невидимим: канал пропущено.</translation>
    </message>
    <message>
        <source>The blocks of this JPEG cannot be kept: an export compresses the whole picture anew.</source>
        <translation>Блоки цього JPEG не можна зберегти: експорт стисне все зображення наново.</translation>
    </message>
    <message>
        <source>The file names its colours without a profile: one that says the same was made for it.</source>
        <translation>Файл називає свої кольори без профілю: для нього створено профіль, який каже те саме.</translation>
    </message>
    <message>
        <source>The file names colours that Lacuna does not know: it is shown as sRGB.</source>
        <translation>Файл називає кольори, яких Lacuna не знає: його показано як sRGB.</translation>
    </message>
    <message>
        <source>The picture is HDR (PQ): it is shown without its brightness, and saved as plain RGB.</source>
        <translation>Зображення в HDR (PQ): його показано без повної яскравості й буде збережено як звичайне RGB.</translation>
    </message>
    <message>
        <source>The picture is HDR (HLG): it is shown without its brightness, and saved as plain RGB.</source>
        <translation>Зображення в HDR (HLG): його показано без повної яскравості й буде збережено як звичайне RGB.</translation>
    </message>
    <message>
        <source>The file has {have} bits per channel: {kept} were kept.</source>
        <translation>У файлі бітів на канал: {have}; збережено {kept}.</translation>
    </message>
    <message>
        <source>The file has {have} bits per channel: it was opened with {kept}.</source>
        <translation>У файлі бітів на канал: {have}; його відкрито з {kept}.</translation>
    </message>
    <message>
        <source>The file has values below black or above white: they were cut off.</source>
        <translation>У файлі є значення, нижчі за чорне або вищі за біле: їх обрізано.</translation>
    </message>
    <message>
        <source>The file has numbers below zero: the lowest there can be is black, zero is mid-gray.</source>
        <translation>У файлі є числа, менші за нуль: найменше можливе — чорне, нуль — середньо-сірий.</translation>
    </message>
    <message>
        <source>The file calls its numbers signed, but they make a smooth picture only without signs: look whether it is right.</source>
        <translation>Файл називає свої числа числами зі знаком, але рівне зображення виходить лише без знаків: перевірте, чи воно правильне.</translation>
    </message>
    <message>
        <source>The end mark of the file is missing: look whether the picture is whole.</source>
        <translation>Позначки кінця файлу бракує: перевірте, чи зображення ціле.</translation>
    </message>
    <message>
        <source>The file breaks the rules of its format: look whether the picture is whole.</source>
        <translation>Файл порушує правила свого формату: перевірте, чи зображення ціле.</translation>
    </message>
    <message>
        <source>A part of the file beside its pixels is damaged: it was left out.</source>
        <translation>Частину файлу поза пікселями пошкоджено: її пропущено.</translation>
    </message>
    <message>
        <source>The base model&apos;s file has parts that Lacuna does not know: they were not used. The models window names them.</source>
        <translation>У файлі базової моделі є невідомі для Lacuna частини: їх не використано. Їх названо у вікні моделей.</translation>
    </message>
</context>
<context>
    <name>Objects</name>
    <message>
        <source>Object {number}</source>
        <translation>Об’єкт {number}</translation>
    </message>
</context>
<context>
    <name>ObjectsPanel</name>
    <message>
        <source>Store a selection to use it again, or to combine several.</source>
        <translation>Збережіть виділення, щоб використати його знову або об’єднати кілька.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Назва</translation>
    </message>
    <message>
        <source>Rename object</source>
        <translation>Перейменувати об’єкт</translation>
    </message>
</context>
<context>
    <name>OptionsBar</name>
    <message>
        <source>Tool options</source>
        <translation>Параметри інструмента</translation>
    </message>
    <message>
        <source>Si&amp;ze</source>
        <translation>Розмі&amp;р</translation>
    </message>
    <message>
        <source> px</source>
        <translation> пкс</translation>
    </message>
    <message>
        <source>Har&amp;dness</source>
        <translation>&amp;Твердість</translation>
    </message>
    <message>
        <source>O&amp;pacity</source>
        <translation>&amp;Непрозорість</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>Згладжування</translation>
    </message>
    <message>
        <source>Contiguous</source>
        <translation>Суміжні</translation>
    </message>
    <message>
        <source>&amp;Tolerance</source>
        <translation>&amp;Допуск</translation>
    </message>
</context>
<context>
    <name>Paint</name>
    <message>
        <source>What is there</source>
        <translation>Те, що є</translation>
    </message>
    <message>
        <source>The surroundings, blurred</source>
        <translation>Розмите довкілля</translation>
    </message>
    <message>
        <source>What removing leaves</source>
        <translation>Те, що лишає вилучення</translation>
    </message>
    <message>
        <source>Nothing, noise</source>
        <translation>Нічого, шум</translation>
    </message>
    <message>
        <source>not safe</source>
        <translation>небезпечна</translation>
    </message>
    <message>
        <source>not complete</source>
        <translation>неповна</translation>
    </message>
    <message>
        <source>parts are missing</source>
        <translation>бракує частин</translation>
    </message>
    <message>
        <source>may not be read</source>
        <translation>не можна читати</translation>
    </message>
    <message>
        <source>no longer there</source>
        <translation>більше немає</translation>
    </message>
    <message>
        <source>cannot be used</source>
        <translation>не можна використати</translation>
    </message>
    <message>
        <source>Best at hand</source>
        <translation>Найкраща з наявних</translation>
    </message>
    <message>
        <source>Best at hand: {model}</source>
        <translation>Найкраща з наявних: {model}</translation>
    </message>
    <message>
        <source>Cannot be used</source>
        <translation>Не можна використати</translation>
    </message>
    <message>
        <source>{model} (server)</source>
        <translation>{model} (сервер)</translation>
    </message>
    <message>
        <source>It is not at hand: without it nothing can be painted.</source>
        <translation>Її немає: без неї нічого не можна намалювати.</translation>
    </message>
    <message>
        <source>Made for {found}, and the base model is {wanted}.</source>
        <translation>Створена для {found}, а базова модель — {wanted}.</translation>
    </message>
</context>
<context>
    <name>PaintPanel</name>
    <message>
        <source>Base model</source>
        <translation>Базова модель</translation>
    </message>
    <message>
        <source>Models…</source>
        <translation>Моделі…</translation>
    </message>
    <message>
        <source>&amp;Variants</source>
        <translation>&amp;Варіанти</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Більше</translation>
    </message>
    <message>
        <source>&amp;Base model</source>
        <translation>&amp;Базова модель</translation>
    </message>
    <message>
        <source>not at hand</source>
        <translation>немає</translation>
    </message>
</context>
<context>
    <name>Painter</name>
    <message>
        <source>The picture changed meanwhile: the result waits among the variants.</source>
        <translation>Зображення тим часом змінилося: результат чекає серед варіантів.</translation>
    </message>
</context>
<context>
    <name>ParameterField</name>
    <message>
        <source>Use {name}</source>
        <translation>Узяти {name}</translation>
    </message>
    <message>
        <source>This is not at hand; perhaps by another name.</source>
        <translation>Цього немає; можливо, є під іншою назвою.</translation>
    </message>
    <message>
        <source>This is not at hand: choose another one.</source>
        <translation>Цього немає: виберіть інше.</translation>
    </message>
    <message>
        <source>This is not at hand, and there is no other one.</source>
        <translation>Цього немає, і іншого теж немає.</translation>
    </message>
</context>
<context>
    <name>PendingVerbs</name>
    <message>
        <source>Stopped. The picture was not changed.</source>
        <translation>Зупинено. Зображення не змінено.</translation>
    </message>
</context>
<context>
    <name>PictureChoice</name>
    <message>
        <source>Choose…</source>
        <translation>Вибрати…</translation>
    </message>
    <message>
        <source>The selection</source>
        <translation>Виділення</translation>
    </message>
    <message>
        <source>The open picture</source>
        <translation>Відкрите зображення</translation>
    </message>
    <message>
        <source>{name} (not there)</source>
        <translation>{name} (немає)</translation>
    </message>
    <message>
        <source>Choose a picture</source>
        <translation>Виберіть зображення</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Зображення</translation>
    </message>
</context>
<context>
    <name>PlaceLabel</name>
    <message>
        <source>Pointer position</source>
        <translation>Положення вказівника</translation>
    </message>
</context>
<context>
    <name>PresetBar</name>
    <message>
        <source>Preset</source>
        <translation>Пресет</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Вибрати…</translation>
    </message>
    <message>
        <source>&amp;Preset</source>
        <translation>&amp;Пресет</translation>
    </message>
    <message>
        <source>Save and share presets</source>
        <translation>Зберегти пресети та поділитися ними</translation>
    </message>
    <message>
        <source>&amp;Save…</source>
        <translation>&amp;Зберегти…</translation>
    </message>
    <message>
        <source>Save with &amp;Prompts…</source>
        <translation>Зберегти із &amp;запитами…</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>Ви&amp;далити</translation>
    </message>
    <message>
        <source>&amp;Import…</source>
        <translation>&amp;Імпорт…</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>&amp;Експорт…</translation>
    </message>
    <message>
        <source>Ships with Lacuna</source>
        <translation>Постачається з Lacuna</translation>
    </message>
    <message>
        <source>Your own</source>
        <translation>Ваші</translation>
    </message>
    <message>
        <source>{name} is written.</source>
        <translation>{name} записано.</translation>
    </message>
    <message>
        <source>Save preset</source>
        <translation>Зберегти пресет</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Назва</translation>
    </message>
    <message>
        <source>Import preset</source>
        <translation>Імпортувати пресет</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>Пресети</translation>
    </message>
    <message>
        <source>Export preset</source>
        <translation>Експортувати пресет</translation>
    </message>
</context>
<context>
    <name>PromptBox</name>
    <message>
        <source>Prompt</source>
        <translation>Запит</translation>
    </message>
    <message>
        <source>What shall be there?</source>
        <translation>Що там має бути?</translation>
    </message>
    <message>
        <source>Up and Down bring older prompts back.</source>
        <translation>Стрілки вгору та вниз повертають давніші запити.</translation>
    </message>
    <message>
        <source>Older prompts</source>
        <translation>Давніші запити</translation>
    </message>
    <message>
        <source>&amp;Prompt</source>
        <translation>За&amp;пит</translation>
    </message>
    <message>
        <source>&amp;Forget All Prompts</source>
        <translation>&amp;Забути всі запити</translation>
    </message>
</context>
<context>
    <name>Proof</name>
    <message>
        <source>{name} could not be read again to check it.</source>
        <translation>{name} не вдалося прочитати знову для перевірки.</translation>
    </message>
    <message>
        <source>0 px changed outside the ring in {name}.</source>
        <translation>0 пікселів змінено поза кільцем у {name}.</translation>
    </message>
    <message>
        <source>{name} is compressed anew by its format: up to {levels} levels outside the ring.</source>
        <translation>{name} стиснено заново його форматом: до {levels} рівнів поза кільцем.</translation>
    </message>
    <message>
        <source>0 px changed in {name} outside the {side} px blocks that the ring touches; within these blocks {count} px outside the ring by up to {levels} levels.</source>
        <translation>0 пікселів змінено у {name} поза блоками по {side} пікселів, яких торкається кільце; у цих блоках {count} пікселів поза кільцем змінено щонайбільше на {levels} рівнів.</translation>
    </message>
</context>
<context>
    <name>ReachSettings</name>
    <message>
        <source> px</source>
        <translation> пкс</translation>
    </message>
    <message>
        <source>Gr&amp;ow</source>
        <translation>Розши&amp;рити</translation>
    </message>
    <message>
        <source>How far beyond the selection the picture is replaced.</source>
        <translation>Наскільки далі за виділення замінюється зображення.</translation>
    </message>
    <message>
        <source>Feather</source>
        <translation>Розтушувати</translation>
    </message>
    <message>
        <source>Over how many pixels old and new are mixed.</source>
        <translation>На скількох пікселях змішуються старе й нове.</translation>
    </message>
    <message>
        <source>&amp;Context</source>
        <translation>О&amp;кіл</translation>
    </message>
    <message>
        <source>How far around the hole the model looks.</source>
        <translation>Як далеко навколо отвору дивиться модель.</translation>
    </message>
    <message>
        <source>Choose the conte&amp;xt by size</source>
        <translation>Вибирати окіл за ро&amp;зміром</translation>
    </message>
</context>
<context>
    <name>RemovePanel</name>
    <message>
        <source> px</source>
        <translation> пкс</translation>
    </message>
    <message>
        <source>&amp;Grow</source>
        <translation>&amp;Розширення</translation>
    </message>
    <message>
        <source>How far beyond the selection the picture is replaced.</source>
        <translation>Наскільки далі за виділення замінюється зображення.</translation>
    </message>
    <message>
        <source>Fea&amp;ther</source>
        <translation>Розт&amp;ушування</translation>
    </message>
    <message>
        <source>Over how many pixels old and new are mixed.</source>
        <translation>На скількох пікселях змішуються старе й нове.</translation>
    </message>
    <message>
        <source>Choose the conte&amp;xt by size</source>
        <translation>Вибирати окіл за ро&amp;зміром</translation>
    </message>
    <message>
        <source>&amp;Context</source>
        <translation>О&amp;кіл</translation>
    </message>
    <message>
        <source>How far around the hole the engine looks.</source>
        <translation>Як далеко навколо дірки дивиться рушій.</translation>
    </message>
</context>
<context>
    <name>Remover</name>
    <message>
        <source>The picture changed meanwhile: the result waits among the variants.</source>
        <translation>Зображення тим часом змінилося: результат чекає серед варіантів.</translation>
    </message>
</context>
<context>
    <name>ReportExport</name>
    <message>
        <source>Export report</source>
        <translation>Експортувати звіт</translation>
    </message>
    <message>
        <source>Report (*.html *.json)</source>
        <translation>Звіт (*.html *.json)</translation>
    </message>
    <message>
        <source>A report is about a written file: export the picture first.</source>
        <translation>Звіт описує записаний файл: спершу експортуйте зображення.</translation>
    </message>
    <message>
        <source>{name} says how the picture was made, and what did not change.</source>
        <translation>У {name} сказано, як зроблено зображення і що не змінилося.</translation>
    </message>
</context>
<context>
    <name>ResumableJobs</name>
    <message numerus="yes">
        <source>%n task(s) of this picture went on at the server.</source>
        <translation>
            <numerusform>%n завдання цього зображення тривало на сервері.</numerusform>
            <numerusform>%n завдання цього зображення тривали на сервері.</numerusform>
            <numerusform>%n завдань цього зображення тривали на сервері.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SecretRow</name>
    <message>
        <source>Name of the header</source>
        <translation>Назва заголовка</translation>
    </message>
    <message>
        <source>Value of the header</source>
        <translation>Значення заголовка</translation>
    </message>
    <message>
        <source>Take this header out</source>
        <translation>Прибрати цей заголовок</translation>
    </message>
</context>
<context>
    <name>SeedField</name>
    <message>
        <source>Another seed</source>
        <translation>Інше зерно</translation>
    </message>
</context>
<context>
    <name>SeedSettings</name>
    <message>
        <source>&amp;Keep the seed</source>
        <translation>&amp;Тримати зерно</translation>
    </message>
    <message>
        <source>The same seed and settings give the same picture again.</source>
        <translation>Те саме зерно з тими самими налаштуваннями дає те саме зображення.</translation>
    </message>
    <message>
        <source>S&amp;eed</source>
        <translation>Зер&amp;но</translation>
    </message>
    <message>
        <source>Use the &amp;Last</source>
        <translation>Взяти &amp;останнє</translation>
    </message>
    <message>
        <source>Keep the seed that was used last</source>
        <translation>Тримати зерно, яке було останнім</translation>
    </message>
</context>
<context>
    <name>SelectionPanel</name>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Вигляд</translation>
    </message>
    <message>
        <source> px</source>
        <translation> пкс</translation>
    </message>
    <message>
        <source>&amp;Grow</source>
        <translation>&amp;Розширення</translation>
    </message>
    <message>
        <source>Fea&amp;ther</source>
        <translation>Розт&amp;ушування</translation>
    </message>
    <message>
        <source>S&amp;mooth</source>
        <translation>&amp;Згладжування</translation>
    </message>
    <message>
        <source>Drop &amp;islands</source>
        <translation>Відкинути &amp;острівці</translation>
    </message>
    <message>
        <source> px²</source>
        <translation> пкс²</translation>
    </message>
    <message>
        <source>Fill &amp;holes</source>
        <translation>Заповнити &amp;дірки</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Колір</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>Контур</translation>
    </message>
    <message>
        <source>On black</source>
        <translation>На чорному</translation>
    </message>
    <message>
        <source>On white</source>
        <translation>На білому</translation>
    </message>
    <message>
        <source>Mask only</source>
        <translation>Лише маска</translation>
    </message>
    <message>
        <source>Looking…</source>
        <translation>Шукаю…</translation>
    </message>
    <message>
        <source>Candidate {number} of {count}</source>
        <translation>Кандидат {number} із {count}</translation>
    </message>
    <message>
        <source>No candidates</source>
        <translation>Кандидатів немає</translation>
    </message>
</context>
<context>
    <name>ServerForm</name>
    <message>
        <source>Edit Server</source>
        <translation>Змінити сервер</translation>
    </message>
    <message>
        <source>Add Server</source>
        <translation>Додати сервер</translation>
    </message>
    <message>
        <source>Test C&amp;onnection</source>
        <translation>Перевірити з’&amp;єднання</translation>
    </message>
    <message>
        <source>What the test found</source>
        <translation>Що виявила перевірка</translation>
    </message>
    <message>
        <source>A token or password that stands in it is moved to the login.</source>
        <translation>Токен або пароль, що стоїть у ній, переноситься до полів входу.</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Назва</translation>
    </message>
    <message>
        <source>&amp;Address</source>
        <translation>&amp;Адреса</translation>
    </message>
    <message>
        <source>This cannot be its name: enter 1 to 80 letters, all of them visible.</source>
        <translation>Так його не можна назвати: введіть від 1 до 80 видимих символів.</translation>
    </message>
    <message>
        <source>Another server has this name: enter another one.</source>
        <translation>Інший сервер уже має цю назву: введіть іншу.</translation>
    </message>
    <message>
        <source>This cannot be a header: its name has letters, digits and hyphens.</source>
        <translation>Це не може бути заголовком: його назва складається з літер, цифр і дефісів.</translation>
    </message>
    <message>
        <source>Asking {address}…</source>
        <translation>Запит до {address}…</translation>
    </message>
</context>
<context>
    <name>Servers</name>
    <message>
        <source>Off</source>
        <translation>Вимкнено</translation>
    </message>
    <message>
        <source>Not asked yet</source>
        <translation>Ще не питали</translation>
    </message>
    <message>
        <source>Asking…</source>
        <translation>Запит…</translation>
    </message>
    <message>
        <source>Ready, with gaps</source>
        <translation>Готовий, є прогалини</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Готовий</translation>
    </message>
    <message>
        <source>Login refused</source>
        <translation>Вхід відхилено</translation>
    </message>
    <message>
        <source>Certificate not trusted</source>
        <translation>Немає довіри до сертифіката</translation>
    </message>
    <message>
        <source>Address not usable</source>
        <translation>Адреса непридатна</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Запускається</translation>
    </message>
    <message>
        <source>No ComfyUI</source>
        <translation>Не ComfyUI</translation>
    </message>
    <message>
        <source>Too old</source>
        <translation>Застарий</translation>
    </message>
    <message>
        <source>Not reached</source>
        <translation>Недоступний</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Процесор</translation>
    </message>
    <message>
        <source>It is switched off: tick it in the list to give it work.</source>
        <translation>Його вимкнено: позначте його в списку, щоб дати йому роботу.</translation>
    </message>
    <message>
        <source>It was not asked yet.</source>
        <translation>Його ще не питали.</translation>
    </message>
    <message>
        <source>There is no server yet: add one.</source>
        <translation>Серверів ще немає: додайте.</translation>
    </message>
    <message>
        <source>ComfyUI {version} answers.</source>
        <translation>Відповідає ComfyUI {version}.</translation>
    </message>
    <message>
        <source>Nothing is encrypted on the way to it: you allowed that.</source>
        <translation>У дорозі до нього нічого не шифрується: ви це дозволили.</translation>
    </message>
    <message>
        <source>It runs on the processor: painting takes minutes, and SAM 3 is not usable.</source>
        <translation>Він працює на процесорі: малювання триває хвилини, а SAM 3 непридатна.</translation>
    </message>
    <message>
        <source>It runs on {device}.</source>
        <translation>Він працює на {device}.</translation>
    </message>
    <message>
        <source>{free} of {total} GB of its memory are free.</source>
        <translation>Вільно {free} з {total} ГБ її пам’яті.</translation>
    </message>
    <message>
        <source>Select by text: all is there, and it would take far too long.</source>
        <translation>Виділення за текстом: усе є, але це тривало б надто довго.</translation>
    </message>
    <message>
        <source>Paint: with {names}.</source>
        <translation>Малювання: з {names}.</translation>
    </message>
    <message>
        <source>Select by text: ready.</source>
        <translation>Виділення за текстом: готове.</translation>
    </message>
    <message>
        <source>Remove: ready.</source>
        <translation>Вилучення: готове.</translation>
    </message>
    <message>
        <source>Paint: with models of a kind that is not known.</source>
        <translation>Малювання: з моделями невідомого виду.</translation>
    </message>
    <message>
        <source>Select by text: not possible there.</source>
        <translation>Виділення за текстом: там неможливе.</translation>
    </message>
    <message>
        <source>Remove: not possible there.</source>
        <translation>Вилучення: там неможливе.</translation>
    </message>
    <message>
        <source>Paint: not possible there.</source>
        <translation>Малювання: там неможливе.</translation>
    </message>
    <message>
        <source>It lacks {things}.</source>
        <translation>Йому бракує: {things}.</translation>
    </message>
    <message>
        <source>Base models to paint with: {count}.</source>
        <translation>Базових моделей для малювання: {count}.</translation>
    </message>
    <message>
        <source>LoRAs: {count}.</source>
        <translation>LoRA: {count}.</translation>
    </message>
</context>
<context>
    <name>ServersList</name>
    <message>
        <source>About the server</source>
        <translation>Про сервер</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>&amp;Додати…</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>&amp;Змінити…</translation>
    </message>
    <message>
        <source>&amp;Remove…</source>
        <translation>&amp;Вилучити…</translation>
    </message>
    <message>
        <source>&amp;Test</source>
        <translation>&amp;Перевірити</translation>
    </message>
    <message>
        <source>&amp;Up</source>
        <translation>Ви&amp;ще</translation>
    </message>
    <message>
        <source>&amp;Down</source>
        <translation>&amp;Нижче</translation>
    </message>
    <message>
        <source>Ask the server what it is and what it can do.</source>
        <translation>Спитати сервер, що він таке і що вміє.</translation>
    </message>
    <message>
        <source>Ask this server before the one above it.</source>
        <translation>Питати цей сервер раніше за той, що над ним.</translation>
    </message>
    <message>
        <source>Ask this server after the one below it.</source>
        <translation>Питати цей сервер пізніше за той, що під ним.</translation>
    </message>
    <message>
        <source>Servers</source>
        <translation>Сервери</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Назва</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Стан</translation>
    </message>
    <message>
        <source>Computes on</source>
        <translation>Обчислює на</translation>
    </message>
    <message>
        <source>Servers that run ComfyUI can select, remove and paint for Lacuna. The first in the list that can do a task is asked. Pictures that are sent stay on the server.</source>
        <translation>Сервери з ComfyUI можуть виділяти, вилучати й малювати для Lacuna. Завдання отримує перший у списку, хто може його виконати. Надіслані зображення лишаються на сервері.</translation>
    </message>
    <message>
        <source>Take {server} off the list?</source>
        <translation>Прибрати {server} зі списку?</translation>
    </message>
    <message>
        <source>Its login is forgotten, too. Nothing changes there.</source>
        <translation>Дані входу теж буде забуто. На самому сервері нічого не зміниться.</translation>
    </message>
</context>
<context>
    <name>ServersWindow</name>
    <message>
        <source>Servers</source>
        <translation>Сервери</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>Appearance</source>
        <translation>Вигляд</translation>
    </message>
    <message>
        <source>Selecting</source>
        <translation>Виділення</translation>
    </message>
    <message>
        <source>Pen and brush</source>
        <translation>Перо й пензель</translation>
    </message>
    <message>
        <source>Engines</source>
        <translation>Рушії</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Пам’ять</translation>
    </message>
    <message>
        <source>The best at hand</source>
        <translation>Найкраще з наявного</translation>
    </message>
    <message>
        <source>Basic mode</source>
        <translation>Базовий режим</translation>
    </message>
    <message>
        <source>Models on this computer</source>
        <translation>Моделі на цьому комп’ютері</translation>
    </message>
    <message>
        <source>My servers</source>
        <translation>Мої сервери</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Тема</translation>
    </message>
    <message>
        <source>Dark shows colours best in a dim room.</source>
        <translation>Темна найкраще передає кольори в затемненій кімнаті.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Як у системі</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Світла</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Темна</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Мова</translation>
    </message>
    <message>
        <source>Takes effect at the next start.</source>
        <translation>Подіє з наступного запуску.</translation>
    </message>
    <message>
        <source>Mask colour</source>
        <translation>Колір маски</translation>
    </message>
    <message>
        <source>Choose one that the picture does not have.</source>
        <translation>Виберіть такий, якого немає на зображенні.</translation>
    </message>
    <message>
        <source>Mask opacity</source>
        <translation>Непрозорість маски</translation>
    </message>
    <message>
        <source>How much of the picture the mask covers.</source>
        <translation>Наскільки маска закриває зображення.</translation>
    </message>
    <message>
        <source>The wheel zooms</source>
        <translation>Коліщатко змінює масштаб</translation>
    </message>
    <message>
        <source>Otherwise it scrolls, and zooms with Ctrl held.</source>
        <translation>Інакше воно прокручує, а масштаб змінює з Ctrl.</translation>
    </message>
    <message>
        <source>Show the object under the pointer</source>
        <translation>Показувати об’єкт під вказівником</translation>
    </message>
    <message>
        <source>Draws its outline before you click.</source>
        <translation>Малює його контур ще до клацання.</translation>
    </message>
    <message>
        <source>Selects hair and fur partly, as the picture has them.</source>
        <translation>Виділяє волосся й хутро частково, як на зображенні.</translation>
    </message>
    <message>
        <source>Soft edge</source>
        <translation>М’який край</translation>
    </message>
    <message>
        <source>Remove after each stroke</source>
        <translation>Прибирати після кожного мазка</translation>
    </message>
    <message>
        <source>Removes what the brush painted as soon as it is up.</source>
        <translation>Прибирає зафарбоване, щойно пензель піднято.</translation>
    </message>
    <message>
        <source>Pressure changes the size</source>
        <translation>Натиск змінює розмір</translation>
    </message>
    <message>
        <source>A light stroke of the pen is thin.</source>
        <translation>Легкий мазок пера тонкий.</translation>
    </message>
    <message>
        <source>Pressure changes the opacity</source>
        <translation>Натиск змінює непрозорість</translation>
    </message>
    <message>
        <source>A light stroke of the pen is faint.</source>
        <translation>Легкий мазок пера блідий.</translation>
    </message>
    <message>
        <source>Stroke smoothing</source>
        <translation>Згладжування мазка</translation>
    </message>
    <message>
        <source>Steadies the hand; much of it lags behind.</source>
        <translation>Стабілізує руку; сильне згладжування запізнюється.</translation>
    </message>
    <message>
        <source>Select with</source>
        <translation>Чим виділяти</translation>
    </message>
    <message>
        <source>Basic mode answers until a model has read the picture.</source>
        <translation>Поки модель читає зображення, відповідає базовий режим.</translation>
    </message>
    <message>
        <source>Find with</source>
        <translation>Чим шукати</translation>
    </message>
    <message>
        <source>Finding by text needs SAM 3, here or on a server.</source>
        <translation>Для пошуку за текстом потрібна SAM 3, тут або на сервері.</translation>
    </message>
    <message>
        <source>Remove with</source>
        <translation>Чим вилучати</translation>
    </message>
    <message>
        <source>Basic mode needs no download and is quick.</source>
        <translation>Базовий режим нічого не завантажує і працює швидко.</translation>
    </message>
    <message>
        <source>Paint with</source>
        <translation>Чим малювати</translation>
    </message>
    <message>
        <source>Models here are taken first, where they run well.</source>
        <translation>Спершу беруться моделі тут, якщо вони працюють добре.</translation>
    </message>
    <message>
        <source>Memory for undo</source>
        <translation>Пам’ять для скасування</translation>
    </message>
    <message>
        <source>The oldest steps go when it is used up.</source>
        <translation>Коли вона вичерпається, зникають найдавніші кроки.</translation>
    </message>
    <message>
        <source>Largest picture</source>
        <translation>Найбільше зображення</translation>
    </message>
    <message>
        <source>Larger ones are refused before they fill the memory.</source>
        <translation>Більші відхиляються, перш ніж заповнять пам’ять.</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Налаштування</translation>
    </message>
    <message>
        <source>No setting has such a name.</source>
        <translation>Немає налаштування з такою назвою.</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Скинути все</translation>
    </message>
    <message>
        <source>Search settings</source>
        <translation>Пошук налаштувань</translation>
    </message>
</context>
<context>
    <name>ShortcutTable</name>
    <message>
        <source>&amp;Press a key:</source>
        <translation>&amp;Натисніть клавішу:</translation>
    </message>
    <message>
        <source>Re&amp;place</source>
        <translation>&amp;Замінити</translation>
    </message>
    <message>
        <source>&amp;Add</source>
        <translation>&amp;Додати</translation>
    </message>
    <message>
        <source>&amp;No key</source>
        <translation>&amp;Без клавіші</translation>
    </message>
    <message>
        <source>Rese&amp;t</source>
        <translation>&amp;Скинути</translation>
    </message>
    <message>
        <source>Search actions and keys</source>
        <translation>Пошук дій і клавіш</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Дія</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Клавіші</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Комбінації клавіш</translation>
    </message>
    <message>
        <source>New key</source>
        <translation>Нова клавіша</translation>
    </message>
    <message>
        <source>also: %1</source>
        <translation>також: %1</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>змінено</translation>
    </message>
    <message>
        <source>This key is taken by: %1</source>
        <translation>Цю клавішу вже зайнято: %1</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Keyboard Shortcuts</source>
        <translation>Комбінації клавіш</translation>
    </message>
    <message>
        <source>&amp;Keys as in</source>
        <translation>&amp;Клавіші як у</translation>
    </message>
    <message>
        <source>&amp;Import…</source>
        <translation>&amp;Імпорт…</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>&amp;Експорт…</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Скинути все</translation>
    </message>
    <message>
        <source>Export the map</source>
        <translation>Експорт набору клавіш</translation>
    </message>
    <message>
        <source>Import a map</source>
        <translation>Імпорт набору клавіш</translation>
    </message>
    <message>
        <source>%1 is no map of shortcuts.</source>
        <translation>%1 не є набором комбінацій клавіш.</translation>
    </message>
    <message>
        <source>Choose a file that Lacuna exported.</source>
        <translation>Виберіть файл, який експортувала Lacuna.</translation>
    </message>
    <message numerus="yes">
        <source>%n action(s) of the map do not exist here.</source>
        <translation>
            <numerusform>%n дії з набору тут немає.</numerusform>
            <numerusform>%n дій з набору тут немає.</numerusform>
            <numerusform>%n дій з набору тут немає.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SplitBar</name>
    <message>
        <source>Left:</source>
        <translation>Ліворуч:</translation>
    </message>
    <message>
        <source>Right:</source>
        <translation>Праворуч:</translation>
    </message>
</context>
<context>
    <name>SplitMenu</name>
    <message>
        <source>&amp;Compare</source>
        <translation>&amp;Порівняти</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>Ліворуч</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Праворуч</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>{number} px inside the ring are new.</source>
        <translation>Усередині кільця нові {number} пкс.</translation>
    </message>
    <message>
        <source>Colour under the pointer</source>
        <translation>Колір під вказівником</translation>
    </message>
    <message>
        <source>{number} bit</source>
        <translation>{number} біт</translation>
    </message>
    <message>
        <source>gray</source>
        <translation>сірий</translation>
    </message>
    <message>
        <source>own profile</source>
        <translation>власний профіль</translation>
    </message>
    <message numerus="yes">
        <source>%n px changed outside the ring</source>
        <translation>
            <numerusform>поза кільцем змінився %n піксель</numerusform>
            <numerusform>поза кільцем змінилися %n пікселі</numerusform>
            <numerusform>поза кільцем змінилося %n пікселів</numerusform>
        </translation>
    </message>
    <message>
        <source>{number} MB</source>
        <translation>{number} МБ</translation>
    </message>
    <message>
        <source>Opening {name}…</source>
        <translation>Відкриття {name}…</translation>
    </message>
    <message>
        <source>Hold Shift to make it the selection, as a mask.</source>
        <translation>Утримуйте Shift, щоб зробити це виділенням, як маску.</translation>
    </message>
</context>
<context>
    <name>SubjectSelector</name>
    <message>
        <source>The picture changed meanwhile: select the subject again.</source>
        <translation>Зображення тим часом змінилося: виділіть головний об’єкт ще раз.</translation>
    </message>
    <message>
        <source>Basic mode guessed the subject by its colours. A small model sees it: get it in the Selection panel.</source>
        <translation>Базовий режим відгадав головний об’єкт за кольорами. Мала модель бачить його: візьміть її на панелі «Виділення».</translation>
    </message>
    <message>
        <source>Basic mode guessed the subject by its colours.</source>
        <translation>Базовий режим відгадав головний об’єкт за кольорами.</translation>
    </message>
</context>
<context>
    <name>TaskRow</name>
    <message>
        <source>Cancel this task</source>
        <translation>Зупинити це завдання</translation>
    </message>
    <message>
        <source>Waiting…</source>
        <translation>Очікування…</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Зупинка…</translation>
    </message>
</context>
<context>
    <name>Tasks</name>
    <message>
        <source>Opening the picture</source>
        <translation>Відкриття зображення</translation>
    </message>
    <message>
        <source>Saving the project</source>
        <translation>Збереження проєкту</translation>
    </message>
    <message>
        <source>Exporting</source>
        <translation>Експорт</translation>
    </message>
    <message>
        <source>Finding</source>
        <translation>Пошук</translation>
    </message>
    <message>
        <source>Removing</source>
        <translation>Прибирання</translation>
    </message>
    <message>
        <source>Workflow</source>
        <translation>Воркфлоу</translation>
    </message>
    <message>
        <source>Looking for tasks that went on</source>
        <translation>Пошук завдань, що тривали далі</translation>
    </message>
    <message>
        <source>Painting</source>
        <translation>Малюємо</translation>
    </message>
    <message>
        <source>Looking for the subject</source>
        <translation>Пошук головного об’єкта</translation>
    </message>
</context>
<context>
    <name>TasksPanel</name>
    <message>
        <source>No task is running.</source>
        <translation>Жодне завдання не виконується.</translation>
    </message>
</context>
<context>
    <name>ToolBar</name>
    <message>
        <source>Tools</source>
        <translation>Інструменти</translation>
    </message>
</context>
<context>
    <name>TrustFields</name>
    <message>
        <source>For&amp;get It</source>
        <translation>Забути &amp;його</translation>
    </message>
    <message>
        <source>T&amp;rust This Certificate</source>
        <translation>&amp;Довіряти цьому сертифікату</translation>
    </message>
    <message>
        <source>C&amp;hoose…</source>
        <translation>Виб&amp;рати…</translation>
    </message>
    <message>
        <source>Allow http &amp;without encryption</source>
        <translation>Дозволити http &amp;без шифрування</translation>
    </message>
    <message>
        <source>Authority &amp;file</source>
        <translation>&amp;Файл центру сертифікації</translation>
    </message>
    <message>
        <source>Authority file</source>
        <translation>Файл центру сертифікації</translation>
    </message>
    <message>
        <source>Those of the system are known</source>
        <translation>Відомі центри системи</translation>
    </message>
    <message>
        <source>A PEM file with the certificate of whoever signed the server&apos;s.</source>
        <translation>Файл PEM із сертифікатом того, хто підписав сертифікат сервера.</translation>
    </message>
    <message>
        <source>This is a public address: on the way there, strangers can read the login, the prompts and the pictures, and change what comes back.</source>
        <translation>Це загальнодоступна адреса: у дорозі чужі можуть прочитати дані входу, запити й зображення та змінити те, що повертається.</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>Сертифікат</translation>
    </message>
    <message>
        <source>Certificate shown</source>
        <translation>Показаний сертифікат</translation>
    </message>
    <message>
        <source>sha256
{fingerprint}
Whoever holds its key can answer in the place of the server. Trust it only if its owner, or the machine itself, names the same fingerprint.</source>
        <translation>sha256
{fingerprint}
Хто має його ключ, може відповідати замість сервера. Довіряйте йому, лише якщо його власник або сама машина називає той самий відбиток.</translation>
    </message>
    <message>
        <source>Only this one is trusted, sha256
{fingerprint}</source>
        <translation>Довіра є лише до цього, sha256
{fingerprint}</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>Сертифікати</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Усі файли</translation>
    </message>
</context>
<context>
    <name>VariantRow</name>
    <message>
        <source>seed {seed}</source>
        <translation>зерно {seed}</translation>
    </message>
    <message>
        <source>This variant is in the picture.</source>
        <translation>Цей варіант — у зображенні.</translation>
    </message>
</context>
<context>
    <name>VariantStrip</name>
    <message>
        <source>Apply</source>
        <translation>Застосувати</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Відкинути</translation>
    </message>
    <message>
        <source>Put this variant into the picture (Enter)</source>
        <translation>Вставити цей варіант у зображення (Enter)</translation>
    </message>
    <message>
        <source>Throw this variant away (Delete)</source>
        <translation>Відкинути цей варіант (Delete)</translation>
    </message>
    <message>
        <source>Variants</source>
        <translation>Варіанти</translation>
    </message>
</context>
<context>
    <name>Variants</name>
    <message>
        <source>Removed {number}</source>
        <translation>Вилучене {number}</translation>
    </message>
    <message>
        <source>Painted {number}</source>
        <translation>Намальоване {number}</translation>
    </message>
    <message numerus="yes">
        <source>%n px changed outside the ring. Please undo and report this.</source>
        <translation>
            <numerusform>%n піксель змінився поза кільцем. Скасуйте й повідомте про це.</numerusform>
            <numerusform>%n пікселі змінилися поза кільцем. Скасуйте й повідомте про це.</numerusform>
            <numerusform>%n пікселів змінилися поза кільцем. Скасуйте й повідомте про це.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>WindowCommands</name>
    <message>
        <source>The diagnostics are on the clipboard.</source>
        <translation>Діагностика в буфері обміну.</translation>
    </message>
</context>
<context>
    <name>WindowMenus</name>
    <message>
        <source>Open &amp;Recent</source>
        <translation>Відкрити не&amp;давні</translation>
    </message>
    <message>
        <source>&amp;Clear the List</source>
        <translation>&amp;Очистити список</translation>
    </message>
    <message>
        <source>&amp;Undo {step}</source>
        <translation>&amp;Скасувати: {step}</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Скасувати</translation>
    </message>
    <message>
        <source>&amp;Redo {step}</source>
        <translation>&amp;Повторити: {step}</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Повторити</translation>
    </message>
</context>
<context>
    <name>WindowTitle</name>
    <message>
        <source>Picture without a name</source>
        <translation>Зображення без назви</translation>
    </message>
</context>
<context>
    <name>WorkQuestion</name>
    <message numerus="yes">
        <source>%n task(s) are not finished.</source>
        <translation>
            <numerusform>%n завдання не завершено.</numerusform>
            <numerusform>%n завдання не завершено.</numerusform>
            <numerusform>%n завдань не завершено.</numerusform>
        </translation>
    </message>
    <message>
        <source>{tasks}. A task that is stopped gives no result and writes no file.</source>
        <translation>{tasks}. Зупинене завдання не дає результату й не записує файлу.</translation>
    </message>
    <message>
        <source>&amp;Wait, then close</source>
        <translation>&amp;Дочекатися й закрити</translation>
    </message>
    <message>
        <source>S&amp;top and close</source>
        <translation>&amp;Зупинити й закрити</translation>
    </message>
</context>
<context>
    <name>WorkflowDialog</name>
    <message>
        <source>Wherever is best</source>
        <translation>Де найкраще</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Цей комп&apos;ютер</translation>
    </message>
    <message>
        <source>My servers</source>
        <translation>Мої сервери</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>&amp;Виконати</translation>
    </message>
    <message>
        <source>Run &amp;on</source>
        <translation>&amp;Де виконати</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Запит</translation>
    </message>
    <message>
        <source>Avoid</source>
        <translation>Уникати</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Зерно</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Кроки</translation>
    </message>
    <message>
        <source>Guidance</source>
        <translation>Керування</translation>
    </message>
    <message>
        <source>Strength</source>
        <translation>Сила</translation>
    </message>
    <message>
        <source>Base model</source>
        <translation>Базова модель</translation>
    </message>
    <message>
        <source>LoRA</source>
        <translation>LoRA</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Поріг</translation>
    </message>
    <message>
        <source>The open picture takes the place of the one that the workflow loads. Removing and painting change nothing outside the ring around the mask.</source>
        <translation>Відкрите зображення стає на місце того, яке завантажує воркфлоу. Видалення та малювання нічого не змінюють поза кільцем навколо маски.</translation>
    </message>
    <message>
        <source>A new one each time</source>
        <translation>Щоразу нове</translation>
    </message>
    <message numerus="yes">
        <source>%n value(s) are not at hand: see the marks above.</source>
        <translation>
            <numerusform>Немає %n значення: дивіться позначки вище.</numerusform>
            <numerusform>Немає %n значень: дивіться позначки вище.</numerusform>
            <numerusform>Немає %n значень: дивіться позначки вище.</numerusform>
        </translation>
    </message>
    <message>
        <source>This value cannot be used: {name}.</source>
        <translation>Це значення не годиться: {name}.</translation>
    </message>
</context>
<context>
    <name>WorkflowExport</name>
    <message>
        <source>Select something, find something, or look at a painting first.</source>
        <translation>Спершу виділіть щось, знайдіть щось або перегляньте намальоване.</translation>
    </message>
    <message>
        <source>picture</source>
        <translation>зображення</translation>
    </message>
    <message>
        <source>Export workflow</source>
        <translation>Експорт воркфлоу</translation>
    </message>
    <message>
        <source>ComfyUI workflow (*.json)</source>
        <translation>Воркфлоу ComfyUI (*.json)</translation>
    </message>
    <message numerus="yes">
        <source>Wrote {file}. Put the %n picture(s) beside it into ComfyUI&apos;s folder “input”.</source>
        <translation>
            <numerusform>Записано {file}. Покладіть %n зображення поруч із ним у теку ComfyUI “input”.</numerusform>
            <numerusform>Записано {file}. Покладіть %n зображення поруч із ним у теку ComfyUI “input”.</numerusform>
            <numerusform>Записано {file}. Покладіть %n зображень поруч із ним у теку ComfyUI “input”.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Workflows</name>
    <message>
        <source>Select something first: the workflow works on what is selected.</source>
        <translation>Спершу виділіть щось: воркфлоу працює з виділеним.</translation>
    </message>
    <message>
        <source>The workflow changed nothing in the picture.</source>
        <translation>Воркфлоу нічого не змінило в зображенні.</translation>
    </message>
    <message>
        <source>The picture changed meanwhile: run the workflow again.</source>
        <translation>Зображення тим часом змінилося: виконайте воркфлоу ще раз.</translation>
    </message>
</context>
<context>
    <name>ZoomButton</name>
    <message>
        <source>Zoom</source>
        <translation>Масштаб</translation>
    </message>
    <message>
        <source>Fit to window</source>
        <translation>Умістити у вікно</translation>
    </message>
    <message>
        <source>Zoom %1</source>
        <translation>Масштаб %1</translation>
    </message>
</context>
</TS>
