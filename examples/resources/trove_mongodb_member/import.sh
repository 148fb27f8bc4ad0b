terraform import 'trove_mongodb_member.products["products-a"]' dfbbd9ca-b5e1-4028-adb7-f78643e17998
